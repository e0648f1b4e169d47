import type { Board } from '../board/board.ts'
import type { Ended } from '../board/stop-process.ts'
import type { Services } from '../services.ts'
import * as runChecks from '../tables/run-checks.ts'
import type { CheckRow } from '../tables/run-checks.ts'
import { type VerifyFacts, verifyFacts } from '../workers/changes/verify-facts.ts'
import type { LogWatcher } from '../workers/log/log-watcher.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import { CHECK_LIMIT_MS, checkResult, lateResult, notStarted } from '../workers/spawn/verify.ts'
import {
  adoptCheck,
  beginCheck,
  type DueCheck,
  dueCheck,
  type RunningCheck,
  watchCheckLog,
} from './checks.ts'
import type { Watched } from './watched.ts'

/**
 * Starts the check of a run whose worker has ended well, or adopts the one that runs already. If it cannot be started,
 * that is its result.
 *
 * @returns null when there is nothing to wait for
 */
export async function startDueCheck(
  services: Services,
  board: Board,
  watched: Watched,
  end: Ended,
  signal: AbortSignal,
): Promise<RunningCheck | null> {
  if (watched.verified !== null) return null
  const due = await dueCheck(services, board, watched.run.id, { ...watched, end })
  if (due === null) return null
  try {
    if (due.task.proposed_fields !== null) {
      throw new WorkerSetupError('Its check was proposed by a planner and not accepted: release the task.')
    }
    // null: the run was stopped at this moment, and the stop is its end.
    return await startOrAdopt(services, board, due, signal)
  } catch (error) {
    if (!(error instanceof WorkerSetupError)) throw error
    watched.verified = await verifyFacts(notStarted(error), due.cwd)
    return null
  }
}

async function startOrAdopt(
  services: Services,
  board: Board,
  due: DueCheck,
  signal: AbortSignal,
): Promise<RunningCheck | null> {
  const row = board.connection.read.get(runChecks.ofRun, { run_id: due.run.id })
  if (row !== undefined) return adoptCheck(row, signal)
  return beginCheck(services, board, due.run, { ...due, waits: 'dispatcher' })
}

/** @returns null when the log cannot be watched. That is reported, and the check keeps running. */
export function watchLogOfCheck(
  { report }: Pick<Services, 'report'>,
  { run }: Watched,
  check: RunningCheck,
): LogWatcher | null {
  try {
    return watchCheckLog(check)
  } catch (error) {
    report(`the log of the check of run ${run.id} cannot be watched`, error)
    return null
  }
}

/** @returns the result of a check that has ended, or was stopped because it took too long */
export async function resultOfCheck(
  { check_is_late, run }: Watched,
  { log_path }: CheckRow,
  exit: Exclude<Ended, 'never_started'>,
): Promise<VerifyFacts> {
  const result = await checkResult(exit, log_path)
  return verifyFacts(check_is_late ? lateResult(result, CHECK_LIMIT_MS) : result, run.workspace_path ?? '')
}
