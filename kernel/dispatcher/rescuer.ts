import { statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { SECOND } from '../../formats/time.ts'
import type { Board } from '../board/board.ts'
import { mostWaitMs, waitedBefore } from '../board/waiting.ts'
import { getTask } from '../lifecycle/moved.ts'
import { finishStop, reclaimLapsed } from '../lifecycle/stop.ts'
import type { Services } from '../services.ts'
import * as questions from '../tables/questions.ts'
import * as runHistory from '../tables/run-history.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { isAlive, isThisHost } from '../workers/process/identity.ts'
import { type OwnStop, UNSTARTED } from './decide-end.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import { Retries } from './retries.ts'
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
  /** @returns the runs that are being started now: claimed, and rightly without a pid */
  starting: () => Iterable<number>
  /** Called when a run is handled, which may free a slot. */
  onRescued: () => void
  /** Called when the next due time has changed. */
  onDue: () => void
}

/** How long a pass waits for the rescue of abandoned runs before it claims. */
const PATIENCE_MS = 1_000

/**
 * Finds open runs that nobody watches, and watches or ends each: a living worker is adopted, a dead one is settled by
 * its exit file, and a run whose dispatcher died before the start, or whose claim has lapsed, is taken back. All in
 * parallel: stopping ten takes as long as stopping one.
 */
export class Rescuer implements DispatcherService {
  readonly #services: Services
  readonly #board: Board
  readonly #scope: RescueScope
  readonly #rescuing = new Map<number, Promise<void>>()
  readonly #retries = new Retries()
  /** When to look again at a run that nobody watches, in wall time. */
  #lookAgainAt = Infinity

  constructor(services: Services, board: Board, scope: RescueScope) {
    this.#services = services
    this.#board = board
    this.#scope = scope
  }

  /** How many runs are being rescued. */
  get count(): number {
    return this.#rescuing.size
  }

  /** Whether a rescue has failed, but not so often that there is no hope. */
  get shouldKeepWaiting(): boolean {
    return this.#retries.shouldKeepWaiting
  }

  /**
   * Most rescues are quick. One that must first stop a worker or run a check takes longer; the pass does not wait for
   * it.
   */
  async runOnce(): Promise<void> {
    const known = new Set([
      ...this.#scope.starting(),
      ...this.#rescuing.keys(),
      ...this.#retries.waiting(this.#services.awake()),
    ])
    this.#lookAgainAt = Infinity
    const alone = this.#abandoned(known)
    this.#retries.keep([...known, ...alone.map(({ id }) => id)])
    for (const run of alone) {
      const tracked = rescueRun(this.#services, this.#board, this.#scope.supervisor, run).then(
        (later) => this.#rescued(run.id, later),
        (error: unknown) => this.#failed(run.id, error),
      )
      this.#rescuing.set(run.id, tracked)
    }
    if (this.#rescuing.size === 0) return
    const enough = new AbortController()
    const patience = delay(PATIENCE_MS, undefined, { signal: enough.signal })
    await Promise.race([this.settled(), patience]).finally(() => enough.abort())
  }

  /** The runs that nobody watches. */
  #abandoned(known: ReadonlySet<number>): RunRow[] {
    const { read } = this.#board.connection
    const since = this.#services.clock() - LINGERING_SINCE_MS
    return [...read.all(taskRuns.open, {}), ...read.all(runHistory.endedNotExited, { since })].filter(
      (run) => !this.#scope.supervisor.has(run.id) && !known.has(run.id),
    )
  }

  /** @param later when to look at the run again if nothing could be done yet; null when it is handled */
  #rescued(id: number, later: number | null): void {
    this.#rescuing.delete(id)
    this.#retries.forget(id)
    if (later === null) return this.#scope.onRescued()
    this.#lookAgainAt = Math.min(this.#lookAgainAt, later)
    this.#scope.onDue()
  }

  /** Retried after a pause: the cause (a full disk, a broken config.json) will not be gone at once. */
  #failed(id: number, error: unknown): void {
    this.#rescuing.delete(id)
    if (this.#retries.note(id, this.#services.awake(), error)) {
      this.#services.report(`run ${id} could not be taken over`, error)
    }
    this.#scope.onDue()
  }

  nextDueIn(): number {
    const retry = this.#retries.nextDueIn(this.#services.awake())
    return Math.min(this.#lookAgainAt - this.#services.clock(), retry)
  }

  /** Resolves when every rescue that has begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#rescuing.values())
  }
}

function isRunning(run: RunRow): boolean {
  const target = targetOf(run)
  return target !== null && isAlive(target)
}

/** @returns null when handled, else the next check time (epoch ms) */
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
      await supervisor.finish(run, end, stoppedUnseen(services, board, run, end))
    }
    return null
  }
  // Its process runs on another machine, whose dispatcher handles it.
  if (run.ended_at !== null) return Infinity
  if (run.trigger === 'dispatcher' && isThisHost(run.host)) return takeBack(services, board, run, UNSTARTED)
  // A worker that waits for an answer may give no sign of life. The wait limit ends such a run.
  if (board.connection.read.get(questions.hasOpen, { run_id: run.id })?.has_open === 1) return Infinity
  const lapses = run.claim_expires_at ?? 0
  if (lapses > services.clock()) return lapses
  return takeBack(services, board, run, 'Its claim lapsed without a heartbeat.')
}

/** A worker's life counts from the start of its process, which is a little before `spawned_at` is recorded. */
const BEFORE_SPAWNED_MS = 250

/**
 * A worker that a signal ended past its maximum runtime was stopped by a dispatcher that died before it could record
 * that.
 */
function stoppedUnseen(services: Services, board: Board, run: RunRow, end: Ended): OwnStop {
  if (end === null || end === 'never_started' || (end.signal !== 'SIGTERM' && end.signal !== 'SIGKILL'))
    return null
  const path = exitPathOf(run)
  const ended = path === null ? undefined : statSync(path, { throwIfNoEntry: false })?.mtimeMs
  if (run.max_runtime_seconds === null || run.spawned_at === null || ended === undefined) return null
  const most = mostWaitMs(services.config.readOrDefaults().profiles, run.profile)
  const waited = Math.min(most, waitedBefore(board.connection.read, run.id, ended))
  const limit = run.spawned_at + run.max_runtime_seconds * SECOND + waited
  return ended < limit - BEFORE_SPAWNED_MS ? null : timedOut(run)
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
