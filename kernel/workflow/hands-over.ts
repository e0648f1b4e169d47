import type { StepOf, WorkflowStep } from '../../contract/workflow-file.ts'
import { MAP_METADATA } from './items.ts'
import { parseReference } from './references.ts'
import type { Schema } from './schema-check.ts'

/** The names under `steps.KEY.metadata` that the steps of a workflow hand over, as far as the file declares them. */

export interface Handed {
  /** The JSON Schema of the value; null when it is unknown. */
  schema: Schema | null
  /** The verdict that it comes with; null for every verdict. */
  verdict: string | null
  /** Whether it is there each time that the step ends with that verdict. */
  isSure: boolean
}

/** The names that a merge step hands over, each with the verdict that it comes with. */
const MERGE_METADATA: Record<string, string> = {
  files: 'conflict',
  output: 'check_failed',
  into: 'merged',
  commit: 'merged',
}

const ITEM_FIELDS = ['key', 'state', 'task_id', 'summary', 'metadata']

const ITEM_LIST: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ITEM_FIELDS,
    properties: Object.fromEntries([...ITEM_FIELDS, 'commit'].map((name) => [name, {}])),
  },
}

/**
 * @param steps all steps of the file
 * @returns the values that `step` hands over, by name; empty for a step that declares nothing
 */
export function handsOver(
  steps: readonly WorkflowStep[],
  step: WorkflowStep,
  asking: readonly string[] = [],
): ReadonlyMap<string, Handed> {
  switch (step.kind) {
    case 'work':
      return ofSchema(step.metadata, null)
    case 'approve':
      return ofAnswer(steps, step, asking)
    case 'map':
      return new Map(
        Object.entries(MAP_METADATA).map(([name, type]) => [
          name,
          { schema: type === 'list' ? ITEM_LIST : { type: 'number' }, verdict: null, isSure: true },
        ]),
      )
    case 'merge':
      return new Map(
        Object.entries(MERGE_METADATA).map(([name, verdict]) => [
          name,
          { schema: null, verdict, isSure: true },
        ]),
      )
    default:
      return new Map()
  }
}

function ofSchema(schema: Schema | undefined, verdict: string | null): Map<string, Handed> {
  const required: unknown[] = Array.isArray(schema?.['required']) ? schema['required'] : []
  return new Map(
    Object.entries(propertiesOf(schema)).map(([name, property]) => [
      name,
      { schema: property, verdict, isSure: required.includes(name) },
    ]),
  )
}

/** A person’s answer hands over its fields, the edited list, and the item that was chosen. */
function ofAnswer(
  steps: readonly WorkflowStep[],
  step: StepOf<'approve'>,
  asking: readonly string[],
): Map<string, Handed> {
  const sure = (schema: Schema | null): Handed => ({ schema, verdict: 'approved', isSure: true })
  const handed = ofSchema(step.form, 'approved')
  // A field with a default always has a value.
  for (const [name, field] of handed)
    if (field.schema?.['default'] !== undefined) handed.set(name, { ...field, isSure: true })
  if (step.choose !== undefined) for (const name of CHOICE_NAMES) handed.set(name, sure({ type: 'string' }))
  const list = editedName(step)
  if (list !== null) handed.set(list, sure(editedSchema(steps, step, asking)))
  return handed
}

/** An approve step with `choose` hands over the key of the item, and the summary of its card. */
export const CHOICE_NAMES = ['item', 'result'] as const

/** @returns the name under which an approve step hands its edited list over; null without one */
export function editedName({ edit }: Pick<StepOf<'approve'>, 'edit'>): string | null {
  const reference = edit === undefined ? null : parseReference(edit)
  return reference?.of === 'step' && reference.field === 'metadata' ? (reference.path[0] ?? null) : null
}

/** @returns the JSON Schema of the list that an approve step edits; null when the file does not declare it */
export function editedSchema(
  steps: readonly WorkflowStep[],
  { edit = '', key }: StepOf<'approve'>,
  asking: readonly string[] = [],
): Schema | null {
  const reference = parseReference(edit)
  // Two questions that edit each other’s list are refused with all references; here they must not recurse forever.
  if (reference?.of !== 'step' || asking.includes(key)) return null
  const source = steps.find((step) => step.key === reference.key)
  const handed =
    source === undefined ? undefined : handsOver(steps, source, [...asking, key]).get(reference.path[0] ?? '')
  return handed?.schema ?? null
}

/** @returns the properties of a JSON Schema that are schemas themselves, by name */
export function propertiesOf(schema: Schema | undefined | null): Record<string, Schema> {
  const properties = schema?.['properties']
  if (typeof properties !== 'object' || properties === null) return {}
  return Object.fromEntries(
    Object.entries(properties).filter(
      (entry): entry is [string, Schema] => typeof entry[1] === 'object' && entry[1] !== null,
    ),
  )
}
