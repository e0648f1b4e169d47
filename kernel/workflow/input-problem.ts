import type { WorkflowDefinition } from '../../contract/workflow-file.ts'

/** How to check a value, by type of input. The types that are not listed here take text. */
const INPUT_VALUES: Record<string, { is: (value: unknown) => boolean; words: string }> = {
  int: { is: (value) => Number.isInteger(value), words: 'a whole number' },
  bool: { is: (value) => typeof value === 'boolean', words: 'true or false' },
  list: {
    is: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    words: 'a list of texts',
  },
}
const TEXT_VALUE = { is: (value: unknown) => typeof value === 'string', words: 'a text' }

/** @returns what is wrong with a value for an input; null when it fits */
export function inputProblem(input: WorkflowDefinition['inputs'][string], value: unknown): string | null {
  const { is, words } = INPUT_VALUES[input.type] ?? TEXT_VALUE
  if (!is(value)) return `expected ${words}`
  if (input.type !== 'choice' || input.choices?.includes(value as string) === true) return null
  return `expected one of ${(input.choices ?? []).join(', ')}`
}

/** The maximum length of all inputs together, as JSON, in characters. */
const MOST_INPUT = 256 * 1024

/**
 * Chooses a value for each input: the given one, else the default. An optional input without either is left out.
 *
 * @returns the values, or the input that has none that fits, and why; null for all inputs together
 */
export function valuesFor(
  { inputs }: Pick<WorkflowDefinition, 'inputs'>,
  given: Record<string, unknown>,
): { values: Record<string, unknown> } | { input: string | null; why: string } {
  const unknown = Object.keys(given).find((input) => inputs[input] === undefined)
  if (unknown !== undefined)
    return { input: unknown, why: `it has no such input; it has ${Object.keys(inputs).join(', ') || 'none'}` }
  const values: Record<string, unknown> = {}
  for (const [input, declared] of Object.entries(inputs)) {
    const value = converted(declared.type, given[input]) ?? declared.default
    if (value === undefined || value === '') {
      if (declared.required) return { input, why: 'a value is required' }
      continue
    }
    const why = inputProblem(declared, value)
    if (why !== null) return { input, why }
    values[input] = value
  }
  return JSON.stringify(values).length > MOST_INPUT
    ? { input: null, why: `they are longer than ${MOST_INPUT / 1024} KB` }
    : { values }
}

/**
 * Converts text from the command line to the type of an input. A list is JSON, or has one item per line. Text that does
 * not fit is returned unchanged, and the check of the input then refuses it.
 */
function converted(type: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (type === 'int') return /^-?\d+$/.test(value.trim()) ? Number(value) : value
  if (type === 'bool') return value === 'true' ? true : value === 'false' ? false : value
  if (type !== 'list') return value
  if (value.trim().startsWith('[')) {
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  }
  return value.split('\n').filter((line) => line.trim() !== '')
}
