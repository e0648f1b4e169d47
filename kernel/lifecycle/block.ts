import { type BlockKind, type RunTrigger, type SessionRequest, statusesFor } from '../../contract/index.ts'
import { MERGE_PROFILE } from '../../contract/workflow-kinds.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { closeRun, openRunIn } from './end-run.ts'
import { type Moved, getTask, syntheticRun } from './moved.ts'
import { moveTask, refuseTransition, refuseVerb, runnableStatus } from './transition.ts'
import { writeEvent } from './write-event.ts'
import { releaseFromHold } from './hold.ts'
import { advanceTask, joinItems, resumeItems } from './advance.ts'
import { endJoining } from './join.ts'
import { hasWay } from './check-verdict.ts'
import { askApproval, waitsForApproval } from './ask-approval.ts'
import { dropHeldVerdict, isAtMap, openWalkOf } from './walk.ts'

/**
 * Blocks a task from todo, ready or running, until a person answers. The reason is the run's summary too. A step of a
 * workflow that has a way for `blocked` takes that way instead.
 *
 * @throws OperationError CONFLICT from any other status
 */
export function blockTask(
  tx: WriteTx,
  task: TaskRow,
  block: { reason: string; kind: BlockKind; trigger: RunTrigger; head?: string | null },
): Moved {
  if (!statusesFor('block').includes(task.status)) throw refuseTransition(task, 'block')
  const open = openWalkOf(tx, task)
  const verdict = open !== null && hasWay(open, 'blocked') ? 'blocked' : null
  const run =
    task.status === 'running'
      ? closeRun(tx, openRunIn(task), { outcome: 'blocked', summary: block.reason, verdict })
      : syntheticRun(tx, task, 'blocked', { summary: block.reason, metadata: null }, block.trigger)
  if (open !== null && verdict !== null) {
    writeEvent(tx, 'blocked', task.id, run?.id ?? null, { reason: block.reason, kind: block.kind, verdict })
    const end = { verdict, summary: block.reason, metadata: null, head: block.head ?? null }
    return { task: advanceTask(tx, task, open, end, { run_id: run?.id ?? null }), run }
  }
  const card = open === null ? task : endJoining(tx, task, open)
  const moved = moveTask(tx, card, 'blocked', 'block', { block_kind: block.kind, block_reason: block.reason })
  writeEvent(tx, 'blocked', task.id, run?.id ?? null, { reason: block.reason, kind: block.kind })
  return { task: moved, run }
}

/**
 * Unblocks a task. Its failures are cleared; the answer is in the next attempt's context. A step of a workflow
 * runs again.
 */
export function unblockTask(
  tx: WriteTx,
  task: TaskRow,
  answer: string | null,
  session: SessionRequest | null = null,
): Moved {
  if (task.status !== 'blocked') throw refuseTransition(task, 'unblock')
  dropHeldVerdict(tx, task)
  const to = runnableStatus(tx, task.id)
  const atMap = isAtMap(tx, task)
  if (to === 'ready' && waitsForApproval(tx, task)) askApproval(tx, task, null)
  else if (atMap) moveTask(tx, task, 'todo', 'unblock')
  else moveTask(tx, task, to, 'unblock')
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  writeEvent(tx, 'unblocked', task.id, null, payloadOf({ answer, session }))
  if (atMap) resumeItems(tx, getTask(tx, task.id))
  return { task: getTask(tx, task.id), run: null }
}

/** Continues a card after a person let one of its items go, also if the join of its items had blocked it. */
export function continueWithout(tx: WriteTx, carrier: TaskRow, reason: string): void {
  if (isBlockedByJoin(tx, carrier)) unblockTask(tx, carrier, reason)
  else joinItems(tx, carrier.id)
}

/** Whether a run that was to join the work of its items has blocked a card: no person has, and no worker has asked. */
function isBlockedByJoin(reader: Reader, { id, status }: TaskRow): boolean {
  if (status !== 'blocked') return false
  const run = reader.get(taskRuns.newestOf, { task_id: id })
  return run?.profile === MERGE_PROFILE && run.outcome !== 'blocked'
}

/** @returns the text; null when it is empty */
function payloadOf(said: Readonly<Record<string, string | null>>): Record<string, string | null> | null {
  const given = Object.entries(said).filter(([, value]) => value !== null)
  return given.length === 0 ? null : Object.fromEntries(given)
}

/**
 * Makes a task claimable now: ends the backoff and the hold of a ready task, or the block of a blocked one.
 *
 * @param session whether the next attempt resumes the session of the earlier one; null to follow the rules
 * @throws OperationError CONFLICT from any other status
 */
export function retryTask(
  tx: WriteTx,
  task: TaskRow,
  note: string | null,
  session: SessionRequest | null = null,
): Moved {
  if (task.status === 'blocked') {
    const moved = unblockTask(tx, task, note, session)
    releaseFromHold(tx, moved.task)
    return { task: getTask(tx, task.id), run: null }
  }
  if (task.status !== 'ready') throw refuseVerb(task, 'retried')
  tx.returning(tasks.setRetryAt, { id: task.id, retry_at: null, now: tx.now })
  releaseFromHold(tx, task)
  writeEvent(tx, 'retried', task.id, null, payloadOf({ note, session }))
  return { task: getTask(tx, task.id), run: null }
}
