import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { valuesOf } from '../workflow/engine.ts'
import { fillIn } from '../workflow/references.ts'
import { getTask } from './moved.ts'
import { moveTask } from './transition.ts'
import { openWalkOf } from './walk.ts'
import { firstLine, writeEvent } from './write-event.ts'

/** Whether the step of a card waits for a person’s answer, and not for a worker. */
export function waitsForApproval(tx: WriteTx, task: TaskRow): boolean {
  return task.workflow_run_id !== null && openWalkOf(tx, task)?.step.kind === 'approve'
}

/**
 * Asks a person to decide the approve step of a card: puts it into review and writes the event.
 *
 * @param runId the run that led to the step, which a notification opens; null without one
 */
export function askApproval(tx: WriteTx, task: TaskRow, runId: number | null): TaskRow {
  const open = openWalkOf(tx, task)
  if (open?.step.kind !== 'approve') throw new Error(`the step of task ${task.id} is not an approve step`)
  if (task.status !== 'review') moveTask(tx, task, 'review', 'advance')
  const { text } = fillIn(open.step.question, valuesOf(open.walk))
  writeEvent(tx, 'review_requested', task.id, runId, { summary: firstLine(text), step: open.step.key })
  return getTask(tx, task.id)
}
