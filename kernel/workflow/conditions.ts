import type { Condition, StepOf } from '../../contract/workflow-file.ts'
import { parseReference, valueOf, type Values } from './references.ts'

/** @returns the verdict of a step that decides: its first rule that holds, else `otherwise` */
export function decide(step: StepOf<'decide'>, values: Values): string {
  return step.rules.find(({ when }) => holds(when, values))?.verdict ?? step.otherwise
}

function holds(condition: Condition, values: Values): boolean {
  if ('equal' in condition) return read(condition.equal[0], values) === condition.equal[1]
  if ('in' in condition) return condition.in[1].some((value) => value === read(condition.in[0], values))
  if ('exists' in condition) return read(condition.exists, values) !== undefined
  if ('any' in condition) return condition.any.some((part) => holds(part, values))
  if ('all' in condition) return condition.all.every((part) => holds(part, values))
  return !holds(condition.not, values)
}

function read(text: string, values: Values): unknown {
  const reference = parseReference(text)
  return reference === null ? undefined : valueOf(reference, values)
}

/** @returns every reference of a condition, with the path to it */
export function referencesIn(
  condition: Condition,
  path: (string | number)[] = [],
): { text: string; path: (string | number)[] }[] {
  if ('equal' in condition) return [{ text: condition.equal[0], path: [...path, 'equal', 0] }]
  if ('in' in condition) return [{ text: condition.in[0], path: [...path, 'in', 0] }]
  if ('exists' in condition) return [{ text: condition.exists, path: [...path, 'exists'] }]
  if ('not' in condition) return referencesIn(condition.not, [...path, 'not'])
  const [name, parts] =
    'any' in condition ? (['any', condition.any] as const) : (['all', condition.all] as const)
  return parts.flatMap((part, index) => referencesIn(part, [...path, name, index]))
}
