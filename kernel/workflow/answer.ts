import type { SchemaProblem } from '../../contract/json-schema.ts'
import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import { editedName, editedSchema, propertiesOf } from './hands-over.ts'
import { itemsOf } from './items.ts'
import { parseReference, type Values, valueIn, valueOf } from './references.ts'
import { problemsIn, type Schema } from './schema-check.ts'

/** Pure functions about the answer of a person at an approve step besides the verdict: the form, and the edited list. */

export interface Answer {
  form: Record<string, unknown> | null
  edit: readonly unknown[] | null
  metadata: Record<string, unknown> | null
}

export const NO_ANSWER: Answer = { form: null, edit: null, metadata: null }

/** The form of an open question: its schema, and separately the first values of its fields. */
export interface Form {
  schema: Schema
  values: Record<string, unknown>
}

/** @returns the form of a step with the first values of its fields; null for a step without one */
export function formAt({ form }: StepOf<'approve'>, values: Values): Form | null {
  if (form === undefined) return null
  const starts = Object.entries(propertiesOf(form)).flatMap(([name, field]) => {
    const value = field['default'] === undefined ? undefined : valueIn(field['default'], values)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { schema: form, values: Object.fromEntries(starts) }
}

/** @returns the list that a step lets a person edit, as it is now; null for a step without one */
export function listAt(
  { steps }: WorkflowDefinition,
  step: StepOf<'approve'>,
  values: Values,
): { name: string; schema: Schema; list: readonly unknown[] } | null {
  const name = editedName(step)
  const reference = step.edit === undefined ? null : parseReference(step.edit)
  if (name === null || reference === null) return null
  const list = valueOf(reference, values)
  const schema = editedSchema(steps, step) ?? { type: 'array' }
  // A person may have sent the card here before the list was made.
  return { name, schema, list: Array.isArray(list) ? list : [] }
}

/**
 * Makes the metadata that an answer hands over to later steps. With `approved`, all required values must be there; with
 * another verdict, only the given values are checked.
 *
 * @returns the metadata of the visit, or the problems: each path begins with `form`, `edit` or `metadata`
 */
export function handoffOfAnswer(
  definition: WorkflowDefinition,
  step: StepOf<'approve'>,
  verdict: string,
  values: Values,
  answer: Answer,
): { metadata: Record<string, unknown> | null } | { problems: SchemaProblem[] } {
  const isApproved = verdict === 'approved'
  const form = formAt(step, values)
  const list = listAt(definition, step, values)
  const problems = superfluous(form, list, answer)
  if (problems.length > 0) return { problems }
  const fields = form === null ? null : answeredFields(form, answer.form, isApproved)
  const items = list === null ? null : (answer.edit ?? (isApproved ? list.list : null))
  const metadata = {
    ...answer.metadata,
    ...fields,
    ...(list === null || items === null ? {} : { [list.name]: items }),
  }
  const wrong = [
    ...(form === null || fields === null ? [] : fieldProblems(form.schema, fields, isApproved)),
    ...(list === null || items === null ? [] : below('edit', problemsIn(list.schema, items))),
  ]
  if (wrong.length > 0) return { problems: wrong }
  const unusable = isApproved ? unusableList(definition, step, values, metadata) : null
  if (unusable !== null) return { problems: [{ path: ['edit'], message: unusable }] }
  return { metadata: Object.keys(metadata).length === 0 ? null : metadata }
}

/** The parts of the answer that the step does not ask for. */
function superfluous(form: Form | null, list: { name: string } | null, answer: Answer): SchemaProblem[] {
  const fields = propertiesOf(form?.schema)
  const unknown = Object.keys(answer.form ?? {}).filter((name) => !Object.hasOwn(fields, name))
  const asked = [...Object.keys(fields), ...(list === null ? [] : [list.name])]
  const twice = Object.keys(answer.metadata ?? {}).filter((name) => asked.includes(name))
  return [
    ...(form === null && answer.form !== null ? [{ path: ['form'], message: 'the step has no form' }] : []),
    ...(form === null
      ? []
      : unknown.map((name) => ({ path: ['form', name], message: 'is not a field of the form' }))),
    ...(list === null && answer.edit !== null
      ? [{ path: ['edit'], message: 'the step has no list to edit' }]
      : []),
    ...twice.map((name) => ({
      path: ['metadata', name],
      message: `belongs into ${name === list?.name ? 'edit' : 'form'}`,
    })),
  ]
}

/** The values of the fields: the given ones; with `approved`, also the first values of the others. An emptied field has no value. */
function answeredFields(
  { schema, values }: Form,
  given: Record<string, unknown> | null,
  isApproved: boolean,
): Record<string, unknown> | null {
  if (given === null && !isApproved) return null
  const fields = propertiesOf(schema)
  const all = { ...(isApproved ? values : {}), ...given }
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => value !== null || takesNull(fields[name])),
  )
}

function takesNull(field: Schema | undefined): boolean {
  const type = field?.['type']
  const choices = field?.['enum']
  return [type].flat().includes('null') || (Array.isArray(choices) && choices.includes(null))
}

const lenient = new WeakMap<Schema, Schema>()
const strict = new WeakMap<Schema, Schema>()

/** Checks the fields against the schema without its defaults, which would fill in a field that the person has emptied. */
function fieldProblems(
  schema: Schema,
  fields: Record<string, unknown>,
  isApproved: boolean,
): SchemaProblem[] {
  const known = isApproved ? strict : lenient
  let used = known.get(schema)
  if (used === undefined) {
    const properties = Object.entries(propertiesOf(schema)).map(([name, { default: _, ...field }]) => [
      name,
      field,
    ])
    used = {
      ...schema,
      properties: Object.fromEntries(properties) as Schema,
      ...(isApproved ? {} : { required: [], minProperties: 0 }),
    }
    known.set(schema, used)
  }
  return below('form', problemsIn(used, fields))
}

function below(name: string, problems: readonly SchemaProblem[]): SchemaProblem[] {
  return problems.map(({ message, path }) => ({ path: [name, ...path], message }))
}

/** @returns why a map step that reads the list could not make its items; null when it can */
function unusableList(
  { steps }: WorkflowDefinition,
  step: StepOf<'approve'>,
  values: Values,
  metadata: Record<string, unknown>,
): string | null {
  const name = editedName(step)
  if (name === null) return null
  const result = { verdict: 'approved', summary: null, metadata }
  const then: Values = { ...values, step: (key) => (key === step.key ? result : values.step(key)) }
  for (const map of steps) {
    if (map.kind !== 'map' || map.over !== `steps.${step.key}.metadata.${name}`) continue
    const read = itemsOf(map, then)
    if ('problem' in read) return read.problem
  }
  return null
}
