import type { Task } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'
import type { Versions } from '../shared/versions.svelte.ts'
import { EDITABLE_FACTS, type Edit } from './facts.ts'

/** The values of the edited fields before the edit. The kernel refuses the edit if one of them has changed since. */
export function valuesBefore(fields: Edit, before: Partial<Task>): Partial<Task> {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, before[key as keyof Task]]))
}

/**
 * @param cause why the edit failed
 * @returns the current values of the fields that changed since they were read; null if the edit failed otherwise
 */
export function changedMeanwhile(cause: unknown): Partial<Task> | null {
  const { code, data } = asFailure(cause)
  const current = data?.['current']
  return code === 'CONFLICT' && typeof current === 'object' ? current : null
}

/**
 * The two versions that the user chooses between: the edit, and what was saved meanwhile. They have only the fields
 * that are in conflict.
 *
 * @param current the present values of those fields
 */
export function versionsOf(fields: Edit, current: Partial<Task>, task: Task): Versions {
  const keys = Object.keys(current) as (keyof Task)[]
  return {
    field: keys.map(labelOf).join(', '),
    mine: textOf(keys, { ...task, ...(fields as Partial<Task>) }),
    theirs: textOf(keys, { ...task, ...current }),
  }
}

function labelOf(key: keyof Task): string {
  if (key === 'title') return 'Title'
  if (key === 'body') return 'Description'
  return EDITABLE_FACTS.find((fact) => fact.key === key)?.label ?? key
}

/** The values of fields as the user would type them, one below the other. */
function textOf(keys: readonly (keyof Task)[], task: Task): string {
  return keys
    .map((key) => EDITABLE_FACTS.find((fact) => fact.key === key)?.typed(task) ?? String(task[key] ?? ''))
    .join('\n')
}
