import type { Board } from '../board.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { watchProcess } from '../workers/identity.ts'
import { LogWatcher } from '../workers/log-watcher.ts'
import { readProcessTable } from '../workers/process-table.ts'
import { processStats } from '../workers/tree.ts'
import type { Occupancy } from './claimer.ts'
import { type OwnStop, settleRun } from './settle.ts'
import type { StartedRun } from './starter.ts'
import { type Ended, readEnd, stopProcess, targetOf } from './stop-process.ts'

/** How long whoever asked for a stop is given to see it through, before we do: its grace, and its looking. */
export const STOP_GRACE_MS = 10_000
/** How long a worker may live on after its report, in milliseconds. */
export const LINGER_LIMIT_MS = 120_000
/** Alive without output and heartbeat for this long is stale, where the board sets nothing else. */
const STALE_DEFAULT_SECONDS = 4 * 3600

/** One process that we watch, of an open run or of one that has reported. */
interface Watched {
  run_id: number
  /** As it was when it was taken up: its process is known by it, also when the task is deleted meanwhile. */
  run: RunRow
  task_id: string
  profile: string
  deadline_at: number | null
  last_sign_at: number
  /** Set once the run has ended by a report while its process goes on. */
  reported_at: number | null
  own_stop: OwnStop
  /** While its process tree is being stopped by us. */
  stopping: Promise<void> | null
  /** When somebody asked for its end. */
  stop_requested_at: number | null
  log: LogWatcher | null
  /** The most memory that its process tree was seen to take, in bytes. */
  peak_rss_bytes: number | null
}

/** Waits on the workers of a board, and stops those that overstay. */
export class Supervisor {
  readonly #services: Services
  readonly #board: Board
  readonly #watched = new Map<number, Watched>()
  readonly #abort = new AbortController()
  readonly #settling = new Set<Promise<void>>()
  readonly #onEnd: () => void

  /** @param onEnd called after each run of ours has been closed */
  constructor(services: Services, board: Board, onEnd: () => void) {
    this.#services = services
    this.#board = board
    this.#onEnd = onEnd
  }

  get count(): number {
    return this.#watched.size
  }

  has(runId: number): boolean {
    return this.#watched.has(runId)
  }

  /** The slots that are taken: a worker keeps its slot until its process is gone, report or not. */
  byProfile(): Occupancy['by_profile'] {
    const counts = new Map<string, number>()
    for (const { profile } of this.#watched.values()) counts.set(profile, (counts.get(profile) ?? 0) + 1)
    return counts
  }

  /** @returns the tasks whose worker has reported and whose process goes on */
  lingering(): string[] {
    const { read } = this.#board.connection
    return [...this.#watched.values()]
      .filter(({ run_id }) => read.get(taskRuns.byId, { id: run_id })?.ended_at != null)
      .map(({ task_id }) => task_id)
  }

  /** Watches a worker that we started: its exit is known at once, with code and signal. */
  watch({ run, profile, worker }: StartedRun): void {
    const watched = this.#add(run, profile.name)
    this.#follow(watched, worker.exited)
  }

  /** Watches a worker that somebody else started, or settles it if it is gone; how it ended is in its exit file. */
  adopt(run: RunRow): void {
    const target = targetOf(run)
    if (target === null || this.has(run.id)) return
    const watched = this.#add(run, run.profile ?? '')
    const gone = watchProcess(target, { signal: this.#abort.signal }).then((isGone) =>
      isGone ? readEnd(run) : null,
    )
    this.#follow(watched, gone)
  }

  #add(run: RunRow, profile: string): Watched {
    const started = run.spawned_at ?? run.started_at
    const watched: Watched = {
      run_id: run.id,
      run,
      task_id: run.task_id,
      profile,
      deadline_at: run.max_runtime_seconds === null ? null : started + run.max_runtime_seconds * 1000,
      last_sign_at: Math.max(started, run.last_heartbeat_at ?? 0),
      reported_at: run.ended_at,
      own_stop: null,
      stopping: null,
      stop_requested_at: run.stop_requested_at,
      log: null,
      peak_rss_bytes: null,
    }
    this.#watched.set(run.id, watched)
    if (run.log_path !== null) watched.log = this.#watchLog(watched, run.log_path)
    return watched
  }

  #watchLog(watched: Watched, path: string): LogWatcher {
    let isFirst = true
    const watcher = new LogWatcher({
      log_path: path,
      on_output: ({ modified_at }) => {
        watched.last_sign_at = Math.max(watched.last_sign_at, modified_at)
        if (!isFirst) return
        isFirst = false
        this.#track(this.#noteFirstOutput(watched.run_id, modified_at))
      },
      on_error: (error) => this.#services.report(`the log of run ${watched.run_id} cannot be watched`, error),
    })
    watcher.start()
    return watcher
  }

  async #noteFirstOutput(id: number, at: number): Promise<void> {
    await this.#board.connection.write('dispatcher', (tx) => tx.run(taskRuns.setFirstOutput, { id, at }))
  }

  /** Only what follows an end is waited for by `stop`: the worker itself may go on for hours. */
  #follow(watched: Watched, ended: Promise<Ended>): void {
    const settle = (end: Ended) => {
      if (!this.#abort.signal.aborted) this.#track(this.#end(watched, seen(end)))
    }
    ended.then(settle, (error: unknown) =>
      this.#services.report(`watching run ${watched.run_id} failed`, error),
    )
  }

  /** Errors of what runs in the background are told, never lost. */
  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#services.report(`supervising board ${this.#board.slug} failed`, error))
      .finally(() => this.#settling.delete(tracked))
    this.#settling.add(tracked)
  }

  async #end(watched: Watched, end: Ended): Promise<void> {
    watched.log?.stop()
    try {
      await this.#treeGone(watched)
      const { run_id, own_stop, peak_rss_bytes } = watched
      await settleRun(this.#services, this.#board, run_id, end, own_stop, peak_rss_bytes)
    } finally {
      this.#watched.delete(watched.run_id)
      this.#onEnd()
    }
  }

  /** A worker that was stopped is not over before all that it had started is gone. */
  async #treeGone(watched: Watched): Promise<void> {
    if (watched.stopping !== null) return watched.stopping
    const run = this.#board.connection.read.get(taskRuns.byId, { id: watched.run_id })
    if (run?.stop_requested_at != null) await stopProcess(this.#services, run)
  }

  /** Looks at limits: runtime, silence, and lingering after a report. Stops what is over one, all at once. */
  runOnce(now: number): void {
    for (const watched of this.#watched.values()) {
      if (watched.stopping !== null) continue
      const reason = this.#overstays(watched, now)
      if (reason === null) continue
      if (typeof reason !== 'string') watched.own_stop = reason
      watched.stopping = this.#stop(watched)
      this.#track(watched.stopping)
    }
  }

  #overstays(watched: Watched, now: number): OwnStop | 'lingers' | 'left_stop' {
    const run = this.#board.connection.read.get(taskRuns.byId, { id: watched.run_id })
    if (run === undefined) return 'lingers'
    if (run.ended_at !== null) {
      watched.reported_at = run.ended_at
      return now >= run.ended_at + LINGER_LIMIT_MS ? 'lingers' : null
    }
    watched.stop_requested_at = run.stop_requested_at
    if (run.stop_requested_at !== null) {
      return now >= run.stop_requested_at + STOP_GRACE_MS ? 'left_stop' : null
    }
    if (watched.deadline_at !== null && now >= watched.deadline_at) {
      const limit = run.max_runtime_seconds ?? 0
      return { outcome: 'timed_out', error: `It ran for longer than its ${limit} s and was stopped.` }
    }
    watched.last_sign_at = Math.max(watched.last_sign_at, run.last_heartbeat_at ?? 0)
    const limit = this.#board.settings().stale_after_seconds ?? STALE_DEFAULT_SECONDS
    if (now - watched.last_sign_at < limit * 1000) return null
    return { outcome: 'stale', error: `Neither output nor heartbeat for ${limit} s; it was stopped.` }
  }

  /** Notes the memory of each watched tree, by one look at the processes of the machine. */
  async sampleMemory(): Promise<void> {
    if (this.#watched.size === 0) return
    const table = await readProcessTable()
    for (const watched of this.#watched.values()) {
      const run = this.#board.connection.read.get(taskRuns.byId, { id: watched.run_id })
      const target = run === undefined ? null : targetOf(run)
      if (target === null) continue
      const { rss_bytes } = await processStats(target, table)
      if (rss_bytes > 0) watched.peak_rss_bytes = Math.max(watched.peak_rss_bytes ?? 0, rss_bytes)
    }
  }

  async #stop(watched: Watched): Promise<void> {
    const run = this.#board.connection.read.get(taskRuns.byId, { id: watched.run_id }) ?? watched.run
    const { survivors } = await stopProcess(this.#services, run)
    if (survivors.length === 0) return
    watched.stopping = null
    const pids = survivors.map(({ pid }) => pid).join(', ')
    this.#services.report(`run ${run.id} could not be stopped: ${pids} live on; trying again`)
  }

  /** @returns when the next of our limits falls due, or null */
  nextDueAt(): number | null {
    let next: number | null = null
    const stale = (this.#board.settings().stale_after_seconds ?? STALE_DEFAULT_SECONDS) * 1000
    for (const watched of this.#watched.values()) {
      if (watched.stopping === null) next = Math.min(next ?? Infinity, dueOf(watched, stale))
    }
    return next
  }

  /** Stops watching. Workers live on; the next dispatcher adopts them. */
  async stop(): Promise<void> {
    this.#abort.abort()
    for (const watched of this.#watched.values()) watched.log?.stop()
    this.#watched.clear()
    await Promise.all(this.#settling)
  }
}

/** When the first of a worker's limits falls due. */
function dueOf(
  { reported_at, stop_requested_at, deadline_at, last_sign_at }: Watched,
  staleMs: number,
): number {
  if (reported_at !== null) return reported_at + LINGER_LIMIT_MS
  if (stop_requested_at !== null) return stop_requested_at + STOP_GRACE_MS
  return Math.min(deadline_at ?? Infinity, last_sign_at + staleMs)
}

/** An exit of which neither code nor signal is known was seen by nobody. */
function seen(end: Ended): Ended {
  if (end === null || end === 'never_started') return end
  return end.exit_code === null && end.signal === null ? null : end
}
