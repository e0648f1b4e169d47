import type { Question } from '../../contract/index.ts'
import type { Asked } from './answer-form.svelte.ts'

/** The form that a worker asks for, as a form of an approve step without a list, a choice or other verdicts. */

/** Stands for the whole answer, where the schema does not name its fields. */
const WHOLE = 'answer'

type Schema = Record<string, unknown>

/** @returns what `AnswerForm` takes for the question of a worker */
export function askedForm({ input, title }: Pick<Question, 'input' | 'title'>): Asked {
  const schema = namesFields(input) ? (input ?? {}) : wholeSchema()
  const values = Object.entries(propertiesOf(schema)).flatMap(([name, field]) =>
    field['default'] === undefined ? [] : [[name, field['default']] as const],
  )
  return {
    ...{ question: title, show: [], verdicts: ['approved'], choose: null, edit: null },
    form: { schema, values: Object.fromEntries(values) } as Asked['form'],
  }
}

/**
 * @param form the fields as `AnswerForm.given` returns them
 * @returns the answer: an empty field is left out, unless its schema takes null. Not an object only if the person typed
 *   other JSON for a form whose fields are not named
 */
export function formAnswer(
  { input }: Pick<Question, 'input'>,
  form: Record<string, unknown> | null,
): unknown {
  if (!namesFields(input)) return form?.[WHOLE] ?? {}
  const fields = propertiesOf(input ?? {})
  return Object.fromEntries(
    Object.entries(form ?? {}).filter(([name, value]) => value !== null || takesNull(fields[name] ?? {})),
  )
}

function namesFields(input: Schema | null): boolean {
  const names = Object.keys(propertiesOf(input ?? {}))
  const required = input?.['required']
  return (
    names.length > 0 && (!Array.isArray(required) || required.every((name) => names.includes(String(name))))
  )
}

function wholeSchema(): Schema {
  return { properties: { [WHOLE]: { title: 'The form', description: 'An object.' } }, required: [WHOLE] }
}

function propertiesOf(schema: Schema): Record<string, Schema> {
  const properties = schema['properties']
  if (typeof properties !== 'object' || properties === null) return {}
  return Object.fromEntries(
    Object.entries(properties).filter(
      (field): field is [string, Schema] => typeof field[1] === 'object' && field[1] !== null,
    ),
  )
}

function takesNull({ enum: choices, type }: Schema): boolean {
  return [type].flat().includes('null') || (Array.isArray(choices) && choices.includes(null))
}
