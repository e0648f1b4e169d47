import { timingSafeEqual } from 'node:crypto'
import { OperationError } from '../../contract/index.ts'
import { shownOutcome, shownOutcomeName } from '../../formats/shown-outcome.ts'
import type { WorkerIdentity } from '../api.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { writeEvent } from './write-event.ts'

/** The result of the fence: null lets the worker through. */
export type Fenced = OperationError | null

/**
 * Checks that a worker still holds its run. Called first in each write transaction of a worker.
 *
 * If the run is over, the worker's message is kept on it as `late_write`. Only the first few are kept, and only from
 * the worker that holds the run's claim: no other process may write into its history. The caller commits, then throws
 * the returned error.
 *
 * @param late the worker's message, for the record; null when it is not worth keeping
 */
export function fenceWorker(
  tx: WriteTx,
  worker: WorkerIdentity,
  late: Record<string, unknown> | null,
): Fenced {
  const run = tx.get(taskRuns.byId, { id: worker.run_id })
  if (run === undefined || run.task_id !== worker.task_id) {
    return new OperationError(
      'STALE_RUN',
      `This process says it is run ${worker.run_id} of task ${worker.task_id}, which this board does not have.`,
      { run_id: worker.run_id },
    )
  }
  if (run.ended_at !== null || run.stop_requested_at !== null) {
    if (late !== null && sameSecret(worker.claim, run.claim_lock)) keepLate(tx, run, late)
    return new OperationError(
      'STALE_RUN',
      `Attempt ${run.attempt} of task ${run.task_id} ${howOver(run)}; what its worker says now is kept in the history and changes nothing.`,
      { run_id: run.id, outcome: run.outcome },
    )
  }
  if (!sameSecret(worker.claim, run.claim_lock)) {
    return new OperationError(
      'UNAUTHORIZED',
      `RUNBOARD_CLAIM does not hold the claim of run ${run.id}; only the worker of that run may write for it.`,
      { run_id: run.id },
    )
  }
  return null
}

/** @returns how a run is over that takes no messages any more */
export function howOver(run: RunRow): string {
  if (run.ended_at === null) return 'is being stopped'
  const outcome = shownOutcome(run)
  return outcome === 'ended_without_a_report' ? shownOutcomeName(outcome) : `ended as ${outcome ?? 'over'}`
}

/** More late messages of one run add nothing new, and would fill the history. */
const MOST_LATE = 20

/** Keeps a late message on its run, if it is one of the first. */
export function keepLate(tx: WriteTx, { id, task_id }: RunRow, late: Record<string, unknown>): void {
  const kept = tx.get(taskEvents.countOfRun, { run_id: id, kind: 'late_write' })?.count ?? 0
  if (kept < MOST_LATE) writeEvent(tx, 'late_write', task_id, id, late)
}

function sameSecret(given: string | null, stored: string | null): boolean {
  if (given === null || stored === null) return false
  const [a, b] = [Buffer.from(given), Buffer.from(stored)]
  return a.length === b.length && timingSafeEqual(a, b)
}
