import { MINUTE, SECOND } from '../../formats/time.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { workerAge } from '../board/worker-age.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { LogWatcher } from '../workers/log/log-watcher.ts'
import type { Sightings } from './observed.ts'
import type { RunningCheck } from './checks.ts'
import type { OwnStop } from './decide-end.ts'
import type { VerifyFacts } from '../workers/changes/verify-facts.ts'
import { controlGroupOf } from '../workers/process/hidden.ts'
import { processAge } from '../workers/process/process-age.ts'
import { CHECK_LIMIT_MS } from '../workers/spawn/verify.ts'

/** How long the requester has to finish a stop before we take over: its grace period and its checks. */
export const STOP_GRACE_MS = 10_000
/** How long a worker may live on after its report, in milliseconds. */
export const LINGER_LIMIT_MS = 120_000

/** Timestamps use wall time; limits use a clock that pauses during sleep. */
export interface Clocks {
  clock: () => number
  awake: () => number
}

/** @returns the end of a run that exceeded its maximum runtime */
export function timedOut({ max_runtime_seconds }: RunRow): NonNullable<OwnStop> {
  const error = `It ran for longer than its ${max_runtime_seconds ?? 0} s and was stopped.`
  return { outcome: 'timed_out', error }
}

/** What only the process that started a worker knows about it; all null for an adopted worker. */
export type Start = Pick<Sightings, 'pids_before' | 'started_as'>

/**
 * A process that we watch, of an open run or of one that has reported, with its limits. Limits count the time that
 * the machine was awake since we began to watch.
 */
export class Watched {
  /** The row when we began to watch. It identifies the process even after the task is deleted. */
  readonly run: RunRow
  readonly profile: string
  own_stop: OwnStop = null
  /** Set while we stop its process tree. */
  stopping: Promise<void> | null = null
  log: LogWatcher | null = null
  /** Whether its process is gone and its end is being handled. */
  ended = false
  /** The check that runs after its worker ended well. */
  check: RunningCheck | null = null
  /** Whether the check is being stopped because it took too long. */
  check_is_late = false
  /** The result of the check. */
  verified: VerifyFacts | null = null
  /** Peak memory of its process tree, in bytes. */
  peak_rss_bytes: number | null = null
  readonly pids_before: Start['pids_before']
  readonly started_as: Start['started_as']
  readonly control_group: Sightings['control_group']
  readonly #clocks: Clocks
  // On the awake clock:
  readonly #started: number
  /** When its runtime is over if it never waits for an answer. */
  readonly #deadline: number | null
  /** How long it has waited for earlier answers, and for how much of all its waits its runtime is paused. */
  #waited: number
  readonly #mostWait: number
  /** Since when the run has waited for an answer; null when it does not. Its limits are paused meanwhile. */
  #waitsSince: number | null = null
  #lastSign: number
  #reported: number | null = null
  #stopRequested: number | null = null
  #checkBegan: number | null = null
  #heartbeatAt: number | null
  /** A check of a workflow has its own time limit, and often writes nothing until its end: it is never stale. */
  readonly #mayBeSilent: boolean

  /**
   * @param waits how long the run has waited for answers already, in wall time, and for how long of all its waits its runtime
   *   stands still at most
   */
  constructor(
    run: RunRow,
    profile: string,
    clocks: Clocks,
    { pids_before, started_as }: Start,
    waits: { waited_ms: number; most_ms: number } = { waited_ms: 0, most_ms: Infinity },
  ) {
    this.run = run
    this.pids_before = pids_before
    this.started_as = started_as
    this.control_group = run.keeper_pid === null ? null : controlGroupOf(run.keeper_pid)
    this.profile = profile
    this.#mayBeSilent = isReservedProfile(profile) && run.max_runtime_seconds !== null
    this.#clocks = clocks
    const age = workerAge(run, clocks.clock())
    this.#started = clocks.awake() - age
    // The wall clock may have been set during a wait: a run cannot have waited for longer than it has lived.
    this.#waited = Math.max(0, Math.min(waits.waited_ms, age))
    this.#mostWait = waits.most_ms
    this.#deadline =
      run.max_runtime_seconds === null ? null : this.#started + run.max_runtime_seconds * SECOND
    this.#heartbeatAt = run.last_heartbeat_at
    this.#lastSign = run.last_heartbeat_at === null ? this.#started : this.#awakeAt(run.last_heartbeat_at)
    this.see(run)
  }

  /**
   * @param at a wall time since the worker's start. A time in the future, or before the start, means that the
   *   wall clock was set or the machine has slept: then it counts as now, in favour of the worker
   */
  #awakeAt(at: number): number {
    const now = this.#clocks.awake()
    const ago = this.#clocks.clock() - at
    return ago < 0 || ago > now - this.#started + SLACK_MS ? now : now - ago
  }

  /** @param at when the output that preceded our first look was written, in wall time; null for new output */
  noteOutput(at: number | null): void {
    const sign = at === null ? this.#clocks.awake() : this.#awakeAt(at)
    this.#lastSign = Math.max(this.#lastSign, sign)
  }

  /** From now on the check is watched. */
  beginCheck(check: RunningCheck): void {
    this.check = check
    const age = processAge(check.row)
    this.#checkBegan = age === null ? this.#awakeAt(check.row.started_at) : this.#clocks.awake() - age
  }

  /**
   * Stops the clock of its limits while it waits for an answer: of silence always, of its runtime for as long as its profile
   * allows. The wait is counted on the awake clock from our first
   * look, so that a sleep of the machine in the middle of it changes nothing.
   *
   * @param since when its oldest open question was asked, in wall time; null when no question is open
   */
  noteWaiting(since: number | null): void {
    if (since !== null) {
      this.#waitsSince ??= this.#awakeAt(since)
      return
    }
    if (this.#waitsSince === null) return
    const now = this.#clocks.awake()
    this.#waited += now - this.#waitsSince
    this.#waitsSince = null
    this.#lastSign = now
  }

  /** @returns when its runtime is over: of the waits, only so much counts in its favour as its profile allows */
  #runtimeOver(now: number): number {
    if (this.#deadline === null) return Infinity
    const waits = this.#waited + (this.#waitsSince === null ? 0 : now - this.#waitsSince)
    return this.#deadline + Math.min(waits, this.#mostWait)
  }

  /** Takes over the current values of its row. */
  see(run: RunRow): void {
    if (run.ended_at !== null) this.#reported ??= this.#awakeAt(run.ended_at)
    if (run.stop_requested_at !== null) this.#stopRequested ??= this.#awakeAt(run.stop_requested_at)
    if (run.last_heartbeat_at === this.#heartbeatAt) return
    // The heartbeat came after our last look, a moment ago. Its own wall time could be wrong by a sleep of the
    // machine.
    this.#heartbeatAt = run.last_heartbeat_at
    this.#lastSign = this.#clocks.awake()
  }

  /**
   * Whether a limit is exceeded, by the row (undefined for a deleted one) and the clocks.
   *
   * @returns the end that we decide on; `lingers` for a worker that lives on after its report, `left_stop` when the
   *   requester of a stop did not finish it, `late_check` for a check that takes too long
   */
  overstays(run: RunRow | undefined, staleSeconds: number): OwnStop | 'lingers' | 'left_stop' | 'late_check' {
    if (run === undefined) return 'lingers'
    this.see(run)
    const now = this.#clocks.awake()
    // A person may end a run and request its stop at once. Such a worker does not get the time that one with a report
    // has.
    if (this.#stopRequested !== null) {
      return now >= this.#stopRequested + STOP_GRACE_MS ? 'left_stop' : null
    }
    if (this.#reported !== null) return now >= this.#reported + LINGER_LIMIT_MS ? 'lingers' : null
    if (now >= this.#runtimeOver(now)) return timedOut(run)
    if (this.#waitsSince !== null) return null
    if (this.#checkBegan !== null) return now >= this.#checkBegan + CHECK_LIMIT_MS ? 'late_check' : null
    if (this.#mayBeSilent || now - this.#lastSign < staleSeconds * SECOND) return null
    return { outcome: 'stale', error: `Neither output nor heartbeat for ${staleSeconds} s; it was stopped.` }
  }

  /** @returns milliseconds until the first of its limits falls due */
  dueIn(staleSeconds: number): number {
    const now = this.#clocks.awake()
    if (this.#stopRequested !== null) return this.#stopRequested + STOP_GRACE_MS - now
    if (this.#reported !== null) return this.#reported + LINGER_LIMIT_MS - now
    // While it waits, its runtime stands still until its waits are used up.
    if (this.#waitsSince !== null) return (this.#deadline ?? Infinity) + this.#mostWait - now
    const over = this.#runtimeOver(now)
    if (this.#mayBeSilent) return over - now
    const quiet =
      this.#checkBegan === null ? this.#lastSign + staleSeconds * SECOND : this.#checkBegan + CHECK_LIMIT_MS
    return Math.min(over, quiet) - now
  }
}

/** Recorded wall times may be off by this, as time servers set the clock. */
const SLACK_MS = MINUTE
