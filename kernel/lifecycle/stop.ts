import { OperationError, type StopOutcome } from '../../contract/index.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { closeRun, type Exit, openRunIn, openRunOf } from './end-run.ts'
import { holdItems } from './hold.ts'
import { type Moved, getTask } from './moved.ts'
import { moveTask, refuseTransition, runnableStatus } from './transition.ts'
import { withdrawQuestionsOf } from './withdraw-questions.ts'
import { settleTask } from './settle-task.ts'
import { writeEvent } from './write-event.ts'

/** The end that a person wants for a run that is still open. */
export interface WantedEnd {
  outcome: StopOutcome
  /** The next status of its task. */
  status: 'ready' | 'archived'
  reason: string | null
  /** Whether the person moved the task to another column. */
  by_move?: boolean
}

/**
 * Records the wanted end on the run of a running task, and fences its worker from now on. The process is stopped
 * next, outside any transaction; the process that finds it gone closes the run with `finishStop`. A second request
 * replaces the first: archiving a task that is being stopped archives it.
 *
 * @throws OperationError CONFLICT when the task is not running
 */
export function requestStop(tx: WriteTx, task: TaskRow, wanted: WantedEnd): RunRow {
  if (task.status !== 'running')
    throw refuseTransition(task, wanted.outcome === 'stopped' ? 'stop' : 'reclaim')
  const run = tx.returning(taskRuns.requestStop, {
    id: openRunIn(task).id,
    now: tx.now,
    outcome: wanted.outcome,
    status: wanted.status,
    actor: tx.actor,
    reason: wanted.reason,
  })
  if (run === undefined) throw new OperationError('STALE_RUN', `The run of task ${task.id} is over.`)
  writeEvent(tx, 'stop_requested', task.id, run.id, {
    outcome: wanted.outcome,
    status: wanted.status,
    ...(wanted.by_move === true && { by_move: true }),
  })
  withdrawQuestionsOf(tx, run.id)
  return run
}

/**
 * Takes a running task from its worker, in the transaction in which a person ends its run by a verb other than stop.
 * The worker is stopped next, outside the transaction; if the caller dies first, a dispatcher does it.
 *
 * @returns the run whose processes must be stopped; null when the task is not running, or no process is recorded
 */
export function takeFromWorker(tx: WriteTx, task: TaskRow): RunRow | null {
  if (task.status !== 'running') return null
  const run = openRunOf(tx, task)
  if (run.worker_pid === null) return null
  const wanted = { outcome: 'reclaimed', status: null, actor: tx.actor, reason: null } as const
  return tx.returning(taskRuns.requestStop, { id: run.id, now: tx.now, ...wanted }) ?? null
}

/** Closes a run with the end that a person asked for, once its process is gone. */
export function finishStop(tx: WriteTx, task: TaskRow, run: RunRow, exit: Exit | null): Moved {
  const outcome = run.stop_outcome ?? 'reclaimed'
  const actor = run.stop_actor ?? tx.actor
  const error =
    run.stop_reason ?? (outcome === 'stopped' ? `Stopped by ${actor}.` : `Taken away by ${actor}.`)
  const closed = closeRun(tx, run, { outcome, error, exit })
  if (run.stop_status === 'archived') {
    moveTask(tx, task, 'archived', 'archive')
  } else {
    moveTask(tx, task, runnableStatus(tx, task.id), outcome === 'stopped' ? 'stop' : 'reclaim')
  }
  // An existing hold keeps its own reason, because `releaseItems` finds holds by their reason.
  if (outcome === 'stopped' && getTask(tx, task.id).held === 0) {
    tx.returning(tasks.setHeld, {
      id: task.id,
      held: 1,
      reason: `${actor} stopped attempt ${run.attempt}`,
      now: tx.now,
    })
  }
  writeEvent(tx, outcome, task.id, run.id, { reason: run.stop_reason, ...(exit ?? {}) }, actor)
  if (run.stop_status === 'archived') {
    writeEvent(tx, 'archived', task.id, null, { from: 'running' }, actor)
    stopItems(tx, task.id)
    settleTask(tx, task.id, 'archived')
  }
  const after = getTask(tx, task.id)
  if (isByMove(tx, run))
    writeEvent(tx, 'moved', task.id, null, { from: task.status, to: after.status }, actor)
  return { task: after, run: closed }
}

/**
 * Holds the open items of a card that is archived, and records that their runs are to be taken away. The carrier's hold is what
 * holds them, so the items run again once the carrier is restored. A run whose end a person has asked for keeps that end. The
 * caller that archives the card stops the processes of `stoppingItems`; if it dies first, a dispatcher does.
 */
export function stopItems(tx: WriteTx, carrierId: string): void {
  const running = runningItems(tx, carrierId)
  holdItems(tx, carrierId)
  const reason = archivedCarrier(carrierId)
  for (const item of running)
    if (openRunOf(tx, item).stop_requested_at === null)
      requestStop(tx, item, { outcome: 'reclaimed', status: 'ready', reason })
}

/** @returns the open runs of the items of an archived card that are to be taken away because of that */
export function stoppingItems(reader: Reader, carrierId: string): RunRow[] {
  return runningItems(reader, carrierId)
    .map((item) => openRunOf(reader, item))
    .filter(({ stop_reason }) => stop_reason === archivedCarrier(carrierId))
}

function archivedCarrier(id: string): string {
  return `${id}, whose item it is, was archived`
}

/** @returns the running cards among the open items of a card, and of these in turn */
function runningItems(reader: Reader, carrierId: string): TaskRow[] {
  return reader
    .all(workflowItems.openCardsOf, { carrier_id: carrierId })
    .flatMap((item) => [...(item.status === 'running' ? [item] : []), ...runningItems(reader, item.id)])
}

/** Read from the event, because the process that moved the task may have died before it closed the run. */
function isByMove(tx: WriteTx, run: RunRow): boolean {
  const request = tx.get(taskEvents.newestOfRun, { run_id: run.id, kind: 'stop_requested' })
  if (request === undefined || request.payload === null) return false
  return (JSON.parse(request.payload) as { by_move?: boolean }).by_move === true
}

/** Closes a run whose claim lapsed, or whose process can no longer be identified. Not a failure. */
export function reclaimLapsed(tx: WriteTx, task: TaskRow, run: RunRow, reason: string): Moved {
  const closed = closeRun(tx, run, { outcome: 'reclaimed', error: reason })
  const moved = moveTask(tx, task, runnableStatus(tx, task.id), 'reclaim')
  writeEvent(tx, 'reclaimed', task.id, run.id, { reason, expired_at: run.claim_expires_at })
  return { task: moved, run: closed }
}
