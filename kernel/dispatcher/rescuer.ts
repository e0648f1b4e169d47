import type { Board } from '../board.ts'
import { reread } from '../lifecycle/finish.ts'
import { finishStop, reclaimLapsed } from '../lifecycle/stop.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { isAlive, isThisHost } from '../workers/identity.ts'
import { settleRun } from './settle.ts'
import { readExit, stopProcess, targetOf } from './stop-process.ts'
import { LINGER_LIMIT_MS, type Supervisor } from './supervisor.ts'

/** What the rescuer needs to know of the dispatcher it works for. */
export interface RescueScope {
  supervisor: Supervisor
  /** Runs that are being started right now: claimed, and without a pid for good reason. */
  starting: ReadonlySet<number>
}

/**
 * Finds open runs that nobody watches, and gives each its watcher or its end: a living worker is adopted, a dead one is
 * settled by its exit file, a run whose dispatcher died before the start is taken back, a lapsed claim too.
 */
export async function rescueRuns(services: Services, board: Board, scope: RescueScope): Promise<void> {
  const read = board.connection.read
  const open = read
    .all(taskRuns.open, {})
    .filter((run) => !scope.supervisor.has(run.id) && !scope.starting.has(run.id))
  for (const run of open) await rescueRun(services, board, scope.supervisor, run)
  const since = services.clock() - 10 * LINGER_LIMIT_MS
  for (const run of read.all(taskRuns.endedNotExited, { host: services.host, since })) {
    if (scope.supervisor.has(run.id)) continue
    if (isRunning(run)) scope.supervisor.adopt(run)
    else await settleRun(services, board, run.id, readExit(run), null)
  }
}

function isRunning(run: RunRow): boolean {
  const target = targetOf(run)
  return target !== null && isAlive(target)
}

async function rescueRun(
  services: Services,
  board: Board,
  supervisor: Supervisor,
  run: RunRow,
): Promise<void> {
  if (run.stop_requested_at !== null) return finishLeftStop(services, board, run)
  if (run.worker_pid !== null && isThisHost(run.host)) {
    if (isRunning(run)) supervisor.adopt(run)
    else await settleRun(services, board, run.id, readExit(run), null)
    return
  }
  if (run.trigger === 'dispatcher' && isThisHost(run.host)) {
    return takeBack(services, board, run, 'Its dispatcher went away before its worker was started.')
  }
  if ((run.claim_expires_at ?? 0) <= services.clock()) {
    return takeBack(services, board, run, 'Its claim lapsed without a heartbeat.')
  }
}

/** Somebody asked for this run to be stopped and did not live to see it done. */
async function finishLeftStop(services: Services, board: Board, run: RunRow): Promise<void> {
  // The caller of the stop is given the time it needs itself: the grace, and the looking.
  if (services.clock() - (run.stop_requested_at ?? 0) < STOP_GRACE_MS && isRunning(run)) return
  const { survivors, exit } = await stopProcess(services, run)
  if (survivors.length > 0) return
  await board.connection.write(run.stop_actor ?? 'dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    if (now !== undefined && now.ended_at === null) finishStop(tx, reread(tx, now.task_id), now, exit)
  })
}

const STOP_GRACE_MS = 10_000

async function takeBack(services: Services, board: Board, run: RunRow, reason: string): Promise<void> {
  await board.connection.write('dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    const isSame = now !== undefined && now.ended_at === null && now.worker_pid === run.worker_pid
    if (isSame && now.claim_expires_at === run.claim_expires_at)
      reclaimLapsed(tx, reread(tx, now.task_id), now, reason)
  })
  services.atStep('rescued')
}
