import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { demoteChildren } from './dependencies.ts'
import { reopenItem } from './items.ts'
import type { Moved } from './moved.ts'
import { moveTask, refuseTransition, runnableStatus } from './transition.ts'
import { writeEvent } from './write-event.ts'

/**
 * Moves a task out of triage.
 *
 * @param plan whether its plan was accepted: then its parts are its work
 */
export function promoteFromTriage(tx: WriteTx, task: TaskRow, plan = false): Moved {
  if (task.status !== 'triage') throw refuseTransition(task, 'promote')
  const moved = moveTask(tx, task, runnableStatus(tx, task.id), 'promote')
  writeEvent(tx, 'promoted', task.id, null, { from: 'triage', ...(plan ? { plan } : {}) })
  return { task: moved, run: null }
}

/** Reopens a done task; children that have not started wait for it again. */
export function reopenTask(tx: WriteTx, task: TaskRow, note: string | null): Moved {
  if (task.status !== 'done') throw refuseTransition(task, 'reopen')
  const moved = moveTask(tx, task, runnableStatus(tx, task.id), 'reopen')
  reopenItem(tx, task.id)
  writeEvent(tx, 'reopened', task.id, null, note === null ? null : { note })
  demoteChildren(tx, task.id)
  return { task: moved, run: null }
}
