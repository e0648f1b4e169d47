import { statSync } from 'node:fs'
import type { Board } from '../board/board.ts'
import { getTask } from '../lifecycle/moved.ts'
import { finishStop, reclaimLapsed } from '../lifecycle/stop.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { isAlive, isThisHost } from '../workers/process/identity.ts'
import { type OwnStop, UNSTARTED } from './decide-end.ts'
import {
  type Ended,
  exitPathOf,
  LINGERING_SINCE_MS,
  readEnd,
  stopProcess,
  targetOf,
} from '../board/stop-process.ts'
import type { Supervisor } from './supervisor.ts'
import { STOP_GRACE_MS, timedOut } from './watched.ts'

/** What the rescuer needs to know about its dispatcher. */
export interface RescueScope {
  supervisor: Supervisor
  /** Runs that are being started now: claimed, and rightly without a pid. */
  starting: ReadonlySet<number>
}

/**
 * Finds open runs that nobody watches, and watches or ends each: a living worker is adopted, a dead one is settled by
 * its exit file, and a run whose dispatcher died before the start, or whose claim has lapsed, is taken back. All in
 * parallel: stopping ten takes as long as stopping one.
 *
 * @returns one promise per run: null when handled, else the next check time (epoch ms)
 */
export function rescueRuns(
  services: Services,
  board: Board,
  scope: RescueScope,
): Map<number, Promise<number | null>> {
  const { read } = board.connection
  const since = services.clock() - LINGERING_SINCE_MS
  const alone = [...read.all(taskRuns.open, {}), ...read.all(taskRuns.endedNotExited, { since })].filter(
    (run) => !scope.supervisor.has(run.id) && !scope.starting.has(run.id),
  )
  return new Map(alone.map((run) => [run.id, rescueRun(services, board, scope.supervisor, run)]))
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
): Promise<number | null> {
  if (run.ended_at === null && run.stop_requested_at !== null) return finishLeftStop(services, board, run)
  if (run.worker_pid !== null && isThisHost(run.host)) {
    if (isRunning(run)) supervisor.adopt(run)
    else {
      const end = await readEnd(run)
      await supervisor.finish(run, end, stoppedUnseen(run, end))
    }
    return null
  }
  // Its process runs on another machine, whose dispatcher handles it.
  if (run.ended_at !== null) return Infinity
  if (run.trigger === 'dispatcher' && isThisHost(run.host)) return takeBack(services, board, run, UNSTARTED)
  const lapses = run.claim_expires_at ?? 0
  if (lapses > services.clock()) return lapses
  return takeBack(services, board, run, 'Its claim lapsed without a heartbeat.')
}

/**
 * A worker that a signal ended past its maximum runtime was stopped by a dispatcher that died before it could record
 * that.
 */
function stoppedUnseen(run: RunRow, end: Ended): OwnStop {
  if (end === null || end === 'never_started' || (end.signal !== 'SIGTERM' && end.signal !== 'SIGKILL'))
    return null
  const path = exitPathOf(run)
  const ended = path === null ? undefined : statSync(path, { throwIfNoEntry: false })?.mtimeMs
  if (run.max_runtime_seconds === null || run.spawned_at === null || ended === undefined) return null
  return ended < run.spawned_at + run.max_runtime_seconds * 1000 ? null : timedOut(run)
}

/** Finishes a stop whose requester died before it was done. */
async function finishLeftStop(services: Services, board: Board, run: RunRow): Promise<number | null> {
  const requested = run.stop_requested_at ?? 0
  const left = requested + STOP_GRACE_MS
  const now = services.clock()
  // Requested in the future: the clock was set back since, and nobody knows how long ago that was.
  if (requested <= now && left > now && isRunning(run)) return left
  const { survivors, exit } = await stopProcess(board, run)
  if (survivors.length > 0) return services.clock() + STOP_GRACE_MS
  await board.connection.write(run.stop_actor ?? 'dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    if (now !== undefined && now.ended_at === null) finishStop(tx, getTask(tx, now.task_id), now, exit)
  })
  return null
}

async function takeBack(services: Services, board: Board, run: RunRow, reason: string): Promise<null> {
  await board.connection.write('dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    const isSame = now !== undefined && now.ended_at === null && now.worker_pid === run.worker_pid
    if (isSame && now.claim_expires_at === run.claim_expires_at)
      reclaimLapsed(tx, getTask(tx, now.task_id), now, reason)
  })
  services.atStep('rescued')
  return null
}
