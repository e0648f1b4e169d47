import { type CheckedInput, OperationError } from '../../contract/index.ts'
import { presentTask } from '../board/present.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'

/**
 * Compares the task with the caller's expected values. A field that already has the new value does not conflict: the
 * same edit may be sent twice.
 *
 * @throws OperationError CONFLICT with the current values of the fields that differ
 */
export function refuseIfChanged(task: TaskRow, input: CheckedInput<'task.edit'>): void {
  const { expected = {}, ...wanted } = input
  const current = presentTask(task)
  const changed = (Object.keys(expected) as (keyof typeof expected)[]).filter((field) => {
    const now = JSON.stringify(current[field])
    const isExpected = expected[field] === undefined || JSON.stringify(expected[field]) === now
    return !isExpected && JSON.stringify(wanted[field]) !== now
  })
  if (changed.length === 0) return
  throw new OperationError(
    'CONFLICT',
    `Task ${task.id} was changed by someone else: ${changed.join(', ')}. Nothing was saved.`,
    { id: task.id, fields: changed, current: valuesOf(task, changed) },
  )
}

/** The values of these fields, as callers see them. */
export function valuesOf(task: TaskRow, fields: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(presentTask(task)).filter(([field]) => fields.includes(field)))
}

/** The parts of a run's handoff that an edit of its finished task replaced. A new result replaces the summary too. */
export function replacedHandoff(before: RunRow | undefined, after: RunRow | null): Record<string, unknown> {
  if (before === undefined || after === null) return {}
  const { summary, metadata } = before
  return {
    ...(summary === after.summary ? {} : { summary }),
    ...(metadata === after.metadata ? {} : { metadata: metadata === null ? null : JSON.parse(metadata) }),
  }
}
