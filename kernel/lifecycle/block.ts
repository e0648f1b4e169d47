import { type BlockKind, type RunTrigger, statusesFor } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { closeRun, openRunOf } from './end-run.ts'
import { type Moved, reread, syntheticRun } from './finish.ts'
import { proposedFields } from './propose.ts'
import { moveTask, refuseTransition, refuseVerb, runnableStatus } from './transition.ts'
import { writeEvent } from './write-event.ts'

/**
 * Blocks a task from todo, ready or running, until a person answers. The reason is the run's summary too.
 *
 * @throws OperationError CONFLICT from any other status
 */
export function blockTask(
  tx: WriteTx,
  task: TaskRow,
  block: { reason: string; kind: BlockKind; trigger: RunTrigger },
): Moved {
  if (!statusesFor('block').includes(task.status)) throw refuseTransition(task, 'block')
  const run =
    task.status === 'running'
      ? closeRun(tx, openRunOf(tx, task), { outcome: 'blocked', summary: block.reason })
      : syntheticRun(tx, task, 'blocked', { summary: block.reason, metadata: null }, block.trigger)
  const moved = moveTask(tx, task, 'blocked', 'block', { block_kind: block.kind, block_reason: block.reason })
  writeEvent(tx, 'blocked', task.id, run?.id ?? null, { reason: block.reason, kind: block.kind })
  return { task: moved, run }
}

/** Unblocks a task. Its failures are cleared; the answer is in the next attempt's context. */
export function unblockTask(tx: WriteTx, task: TaskRow, answer: string | null): Moved {
  if (task.status !== 'blocked') throw refuseTransition(task, 'unblock')
  moveTask(tx, task, runnableStatus(tx, task.id), 'unblock')
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  writeEvent(tx, 'unblocked', task.id, null, answer === null ? null : { answer })
  return { task: reread(tx, task.id), run: null }
}

/**
 * Makes a task claimable now: ends the backoff and the hold of a ready task, or the block of a blocked one.
 *
 * @throws OperationError CONFLICT from any other status
 */
export function retryTask(tx: WriteTx, task: TaskRow, note: string | null): Moved {
  if (task.status === 'blocked') {
    const moved = unblockTask(tx, task, note)
    releaseFromHold(tx, moved.task)
    return { task: reread(tx, task.id), run: null }
  }
  if (task.status !== 'ready') throw refuseVerb(task, 'tried again')
  tx.returning(tasks.setRetryAt, { id: task.id, retry_at: null, now: tx.now })
  releaseFromHold(tx, task)
  writeEvent(tx, 'retried', task.id, null, note === null ? null : { note })
  return { task: reread(tx, task.id), run: null }
}

/** A retry ends a hold, but accepts no command that a planner proposed. */
function releaseFromHold(tx: WriteTx, task: TaskRow): void {
  if (task.proposed_fields === null) releaseTask(tx, task)
}

/** Parks a task until a person releases it. */
export function holdTask(tx: WriteTx, task: TaskRow, reason: string | null): TaskRow {
  if (task.status === 'done' || task.status === 'archived') throw refuseVerb(task, 'held')
  if (task.held === 1) return task
  tx.returning(tasks.setHeld, { id: task.id, held: 1, reason, now: tx.now })
  writeEvent(tx, 'held', task.id, null, reason === null ? null : { reason })
  return reread(tx, task.id)
}

/** Releases a held task, and accepts what a planner proposed for it. A task that is not held is unchanged. */
export function releaseTask(tx: WriteTx, task: TaskRow): TaskRow {
  if (task.held === 0) return task
  const accepted = proposedFields(task)
  if (accepted.length > 0)
    tx.returning(tasks.setProposed, { id: task.id, proposed_fields: null, now: tx.now })
  tx.returning(tasks.setHeld, { id: task.id, held: 0, reason: null, now: tx.now })
  writeEvent(tx, 'released', task.id, null, accepted.length > 0 ? { accepted } : null)
  return reread(tx, task.id)
}
