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
