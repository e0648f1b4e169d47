import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { getTask } from './moved.ts'
import { proposedFields } from './propose.ts'
import { refuseVerb } from './transition.ts'
import { writeEvent } from './write-event.ts'

/** A retry ends a hold, but accepts no command that a planner proposed. */
export function releaseFromHold(tx: WriteTx, task: TaskRow): void {
  if (task.proposed_fields === null) releaseTask(tx, task)
}

/** Parks a task until a person releases it. */
export function holdTask(tx: WriteTx, task: TaskRow, reason: string | null): TaskRow {
  if (task.status === 'done' || task.status === 'archived') throw refuseVerb(task, 'held')
  if (task.held === 1) return task
  tx.returning(tasks.setHeld, { id: task.id, held: 1, reason, now: tx.now })
  writeEvent(tx, 'held', task.id, null, reason === null ? null : { reason })
  return getTask(tx, task.id)
}

/** Releases a held task, and accepts what a planner proposed for it. A task that is not held is unchanged. */
export function releaseTask(tx: WriteTx, task: TaskRow): TaskRow {
  if (task.held === 0) return task
  const accepted = proposedFields(task)
  if (accepted.length > 0)
    tx.returning(tasks.setProposed, { id: task.id, proposed_fields: null, now: tx.now })
  tx.returning(tasks.setHeld, { id: task.id, held: 0, reason: null, now: tx.now })
  writeEvent(tx, 'released', task.id, null, accepted.length > 0 ? { accepted } : null)
  return getTask(tx, task.id)
}
