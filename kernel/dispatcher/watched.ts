import type { RunRow } from '../tables/task-runs.ts'
import type { LogWatcher } from '../workers/log-watcher.ts'
import type { Sightings } from './observed.ts'
import type { RunningCheck } from './checks.ts'
import type { OwnStop } from './settle.ts'
import type { VerifyFacts } from '../workers/changes/verify-facts.ts'
import { CHECK_LIMIT_MS } from '../workers/verify.ts'

/** How long whoever asked for a stop is given to see it through, before we do: its grace, and its looking. */
export const STOP_GRACE_MS = 10_000
/** How long a worker may live on after its report, in milliseconds. */
export const LINGER_LIMIT_MS = 120_000

/** The two clocks: moments in the board's file are of the wall's, limits are counted by the one that sleeps with us. */
export interface Clocks {
  clock: () => number
  awake: () => number
}

/** @returns the end of a run that has run for too long */
export function timedOut({ max_runtime_seconds }: RunRow): NonNullable<OwnStop> {
  const error = `It ran for longer than its ${max_runtime_seconds ?? 0} s and was stopped.`
  return { outcome: 'timed_out', error }
}

/** What only the process that started a worker knows of it; all null for one that was taken over. */
export type Start = Pick<Sightings, 'pids_before' | 'started_as'>

/**
 * One process that we watch, of an open run or of one that has reported, and how long it may go on. What it may not exceed
 * is counted in time that the machine was awake since we began to watch it.
 */
export class Watched {
  /** As it was when it was taken up: its process is known by it, also when the task is deleted meanwhile. */
  readonly run: RunRow
  readonly profile: string
  own_stop: OwnStop = null
  /** While its process tree is being stopped by us. */
  stopping: Promise<void> | null = null
  log: LogWatcher | null = null
  /** Whether its process is gone, and what became of it is being dealt with. */
  ended = false
  /** The check that runs now that its worker has ended well. */
  check: RunningCheck | null = null
  /** Whether the check is being stopped because it took too long. */
  check_is_late = false
  /** What the check came to. */
  verified: VerifyFacts | null = null
  /** The most memory that its process tree was seen to take, in bytes. */
  peak_rss_bytes: number | null = null
  readonly pids_before: Start['pids_before']
  readonly started_as: Start['started_as']
  readonly #clocks: Clocks
  // By the awake clock:
  readonly #deadline: number | null
  #lastSign: number
  #reported: number | null = null
  #stopRequested: number | null = null
  #checkBegan: number | null = null
  #heartbeatAt: number | null

  constructor(run: RunRow, profile: string, clocks: Clocks, { pids_before, started_as }: Start) {
    this.run = run
    this.pids_before = pids_before
    this.started_as = started_as
    this.profile = profile
    this.#clocks = clocks
    const started = this.#awakeAt(run.spawned_at ?? run.started_at)
    this.#deadline = run.max_runtime_seconds === null ? null : started + run.max_runtime_seconds * 1000
    this.#heartbeatAt = run.last_heartbeat_at
    this.#lastSign = run.last_heartbeat_at === null ? started : this.#awakeAt(run.last_heartbeat_at)
    this.see(run)
  }

  /** @param at a moment by the clock of the wall, not before the machine last slept */
  #awakeAt(at: number): number {
    return this.#clocks.awake() - Math.max(0, this.#clocks.clock() - at)
  }

  /** @param at when it wrote what was there before we looked, by the clock of the wall; null for just now */
  noteOutput(at: number | null): void {
    const sign = at === null ? this.#clocks.awake() : this.#awakeAt(at)
    this.#lastSign = Math.max(this.#lastSign, sign)
  }

  /** From now on its check is what is watched. */
  beginCheck(check: RunningCheck): void {
    this.check = check
    this.#checkBegan = this.#awakeAt(check.row.started_at)
  }

  /** Takes over what its row says now. */
  see(run: RunRow): void {
    if (run.ended_at !== null) this.#reported ??= this.#awakeAt(run.ended_at)
    if (run.stop_requested_at !== null) this.#stopRequested ??= this.#awakeAt(run.stop_requested_at)
    if (run.last_heartbeat_at === this.#heartbeatAt) return
    // Since our last look, which was a moment ago: the machine may have slept since, and its time say less.
    this.#heartbeatAt = run.last_heartbeat_at
    this.#lastSign = this.#clocks.awake()
  }

  /**
   * Whether it is over one of its limits, as its row (undefined for one that is deleted) and the clocks say now.
   *
   * @returns the end that we put to it; `lingers` for one that lives on after its report, `left_stop` where whoever asked
   *   for its end did not see it through, `late_check` for a check that takes too long
   */
  overstays(run: RunRow | undefined, staleSeconds: number): OwnStop | 'lingers' | 'left_stop' | 'late_check' {
    if (run === undefined) return 'lingers'
    this.see(run)
    const now = this.#clocks.awake()
    // A person may have ended the run and asked for its stop at once: then its worker has not the time of one that reported.
    if (this.#stopRequested !== null) {
      return now >= this.#stopRequested + STOP_GRACE_MS ? 'left_stop' : null
    }
    if (this.#reported !== null) return now >= this.#reported + LINGER_LIMIT_MS ? 'lingers' : null
    if (this.#deadline !== null && now >= this.#deadline) {
      return timedOut(run)
    }
    if (this.#checkBegan !== null) return now >= this.#checkBegan + CHECK_LIMIT_MS ? 'late_check' : null
    if (now - this.#lastSign < staleSeconds * 1000) return null
    return { outcome: 'stale', error: `Neither output nor heartbeat for ${staleSeconds} s; it was stopped.` }
  }

  /** @returns in how many milliseconds the first of its limits falls due */
  dueIn(staleSeconds: number): number {
    const now = this.#clocks.awake()
    if (this.#stopRequested !== null) return this.#stopRequested + STOP_GRACE_MS - now
    if (this.#reported !== null) return this.#reported + LINGER_LIMIT_MS - now
    const quiet =
      this.#checkBegan === null ? this.#lastSign + staleSeconds * 1000 : this.#checkBegan + CHECK_LIMIT_MS
    return Math.min(this.#deadline ?? Infinity, quiet) - now
  }
}
