import { DEFAULT_STALE_SECONDS } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { isAlive } from '../workers/process/identity.ts'
import type { LogStat } from '../workers/log/log-file.ts'
import { LogWatcher } from '../workers/log/log-watcher.ts'
import { ProcessScan } from '../workers/process/process-table.ts'
import type { Occupancy } from './claimer.ts'
import { forgetCheck, type RunningCheck } from './checks.ts'
import { UNWATCHED } from './observed.ts'
import { resumeKeepers, samplePeaks } from './process-samples.ts'
import { Retries } from './retries.ts'
import type { OwnStop } from './decide-end.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import { dropIfRefused, type Restart } from './refused-session.ts'
import { recordSeen, SessionReader } from './session-watch.ts'
import { Sampling } from './sampling.ts'
import { settleRun } from './settle.ts'
import type { StartedRun } from './starter.ts'
import { checkTargetOf, type Ended, readEnd, stopProcess, targetOf } from '../board/stop-process.ts'
import { resultOfCheck, startDueCheck, watchLogOfCheck } from './watched-check.ts'
import { mostWaitMs, waitedBefore, waitingRuns } from '../board/waiting.ts'
import { watchAdopted } from './watch-adopted.ts'
import { type Start, Watched } from './watched.ts'

/** Watches the workers of a board, and stops those that exceed a limit. */
export class Supervisor implements DispatcherService {
  readonly #services: Services
  readonly #board: Board
  readonly #watched = new Map<number, Watched>()
  readonly #processes = new ProcessScan()
  #abort = new AbortController()
  readonly #settling = new Set<Promise<void>>()
  readonly #onEnd: () => void
  readonly #restart: (restart: Restart) => void
  readonly #sampling = new Sampling(() => this.#track(this.sample()))
  /** Ends that could not be recorded yet. */
  readonly #unwritten = new Retries()
  readonly #timers = new Set<NodeJS.Timeout>()

  /**
   * @param onEnd called after each watched run has been closed
   * @param restart called to start a run again whose agent refused to continue a session
   */
  constructor(services: Services, board: Board, onEnd: () => void, restart: (restart: Restart) => void) {
    this.#services = services
    this.#board = board
    this.#onEnd = onEnd
    this.#restart = restart
  }

  get count(): number {
    return this.#watched.size
  }

  has(runId: number): boolean {
    return this.#watched.has(runId)
  }

  /** Slots in use by profile: a worker keeps its slot until its process is gone, whether it has reported or not. */
  byProfile(): Occupancy['by_profile'] {
    const counts = new Map<string, number>()
    for (const { profile } of this.#watched.values()) counts.set(profile, (counts.get(profile) ?? 0) + 1)
    return counts
  }

  /** @returns the tasks whose worker has reported but still runs */
  lingering(): string[] {
    const { read } = this.#board.connection
    return [...this.#watched.values()]
      .filter(({ run }) => read.get(taskRuns.byId, { id: run.id })?.ended_at != null)
      .map(({ run }) => run.task_id)
  }

  /** Watches a worker that we started: its exit arrives at once, with code and signal. */
  watch({ run, profile, worker, pids_before }: StartedRun): void {
    const watched = this.#add(run, profile.name, { pids_before, started_as: profile })
    this.#follow(watched, worker.exited)
    this.#sampling.wake('new')
  }

  /** Watches a worker that another process started, or settles it if it is gone. Its exit file says how it ended. */
  adopt(run: RunRow): void {
    const target = targetOf(run)
    if (target === null || this.has(run.id)) return
    const watched = this.#add(run, run.profile ?? '', { pids_before: null, started_as: null })
    const gone = watchAdopted(run, target, this.#abort.signal).then((isGone) =>
      isGone ? readEnd(run) : null,
    )
    this.#follow(watched, gone)
    this.#sampling.wake('active')
  }

  #add(run: RunRow, profile: string, start: Start): Watched {
    const waited = waitedBefore(this.#board.connection.read, run.id, this.#services.clock())
    const most = mostWaitMs(this.#services.config.readOrDefaults().profiles, run.profile)
    const waits = { waited_ms: waited, most_ms: most }
    const watched = new Watched(run, profile, this.#services, start, waits)
    if (run.log_path !== null) watched.log = this.#watchLog(watched, run.log_path)
    this.#watched.set(run.id, watched)
    this.#processes.forget()
    return watched
  }

  /** @returns null when the log cannot be watched. That is reported, and the worker keeps running. */
  #watchLog(watched: Watched, path: string): LogWatcher | null {
    const { id } = watched.run
    const tell = (error: unknown) => this.#services.report(`the log of run ${id} cannot be watched`, error)
    let isFirst = true
    const session = new SessionReader(watched.run)
    const options = {
      log_path: path,
      on_output: ({ modified_at }: LogStat) => {
        watched.noteOutput(isFirst ? modified_at : null)
        this.#sampling.wake('active')
        this.#track(this.#noteSession(watched.run, session))
        if (!isFirst) return
        isFirst = false
        this.#track(this.#noteFirstOutput(id, modified_at))
      },
      on_error: tell,
    }
    try {
      const watcher = new LogWatcher(options)
      watcher.start()
      return watcher
    } catch (error) {
      tell(error)
      return null
    }
  }

  /** Records the session as soon as the output names it: after a crash of the machine, a later attempt can still continue it. */
  async #noteSession(run: RunRow, reader: SessionReader): Promise<void> {
    const seen = await reader.look()
    if (seen !== null) await this.#board.connection.write('dispatcher', (tx) => recordSeen(tx, run, seen))
  }

  async #noteFirstOutput(id: number, at: number): Promise<void> {
    await this.#board.connection.write('dispatcher', (tx) => tx.run(taskRuns.setFirstOutput, { id, at }))
  }

  /** `stop` waits only for work that follows an end: the worker itself may run for hours. */
  #follow(watched: Watched, ended: Promise<Ended>): void {
    const { signal } = this.#abort
    const settle = (end: Ended) => {
      if (!signal.aborted) this.#track(this.#end(watched, seen(end)))
    }
    ended.then(settle, (error: unknown) => {
      if (signal.aborted) return
      this.#services.report(`watching run ${watched.run.id} failed`, error)
      // The rescuer picks it up again and keeps trying.
      if (watched.log !== null) this.#track(watched.log.stop())
      this.#watched.delete(watched.run.id)
      this.#onEnd()
    })
  }

  /** Reports errors of background work. */
  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#services.report(`supervising board ${this.#board.slug} failed`, error))
      .finally(() => this.#settling.delete(tracked))
    this.#settling.add(tracked)
  }

  /**
   * Handles a run whose process is gone and that nobody watched.
   *
   * @param own_stop the stop that an earlier dispatcher decided on
   */
  async finish(run: RunRow, end: Ended, own_stop: OwnStop): Promise<void> {
    if (this.has(run.id)) return
    const watched = new Watched(run, run.profile ?? '', this.#services, UNWATCHED)
    watched.own_stop = own_stop
    this.#watched.set(run.id, watched)
    await this.#end(watched, end)
  }

  /**
   * Closes a run whose process is gone, once its check, if any, has ended too. What we know about its end exists
   * nowhere else, so it is kept and retried until it is recorded.
   */
  async #end(watched: Watched, end: Ended): Promise<void> {
    const { id } = watched.run
    watched.ended = true
    try {
      await watched.log?.stop()
      await this.#treeGone(watched, end)
      const restart = await dropIfRefused(this.#services, this.#board, { ...watched, end })
      if (restart !== null) return this.#startAgain(watched, restart)
      // The end of its check then ends the run.
      if (await this.#isChecking(watched, end)) return
      const { own_stop, verified } = watched
      await settleRun(this.#services, this.#board, {
        run_id: id,
        end,
        own_stop,
        sightings: watched,
        verified,
      })
    } catch (error) {
      this.#endLater(watched, end, error)
      return
    }
    this.#unwritten.forget(id)
    this.#watched.delete(id)
    this.#onEnd()
  }

  /** Starts a run again. It keeps its slot throughout, so that no other run takes the slot between the two processes. */
  #startAgain({ run }: Watched, restart: Restart): void {
    this.#unwritten.forget(run.id)
    this.#watched.delete(run.id)
    this.#restart(restart)
  }

  #endLater(watched: Watched, end: Ended, error: unknown): void {
    const { id } = watched.run
    // We stopped watching meanwhile: another dispatcher handles it.
    if (this.#watched.get(id) !== watched) return
    if (this.#unwritten.note(id, this.#services.awake(), error)) {
      this.#services.report(`the end of run ${id} could not be written; trying again`, error)
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#track(this.#end(watched, end))
    }, this.#unwritten.pauseOf(id))
    this.#timers.add(timer)
  }

  /** How many ends could not be recorded for so long that nobody waits for them. */
  get stuck(): number {
    return this.#unwritten.hopeless
  }

  async #isChecking(watched: Watched, end: Ended): Promise<boolean> {
    const check = await startDueCheck(this.#services, this.#board, watched, end, this.#abort.signal)
    if (check !== null) this.#followCheck(watched, end, check)
    return check !== null
  }

  #followCheck(watched: Watched, end: Ended, check: RunningCheck): void {
    const { signal } = this.#abort
    watched.beginCheck(check)
    watched.stopping = null
    watched.log = watchLogOfCheck(this.#services, watched, check)
    check.exited.then(
      (exit) => {
        if (!signal.aborted) this.#track(this.#endOfCheck(watched, end, check, exit))
      },
      (error: unknown) => {
        if (!signal.aborted) this.#endLater(watched, end, error)
      },
    )
    // The check's limit may fall due before all others.
    this.#onEnd()
  }

  async #endOfCheck(watched: Watched, end: Ended, { row }: RunningCheck, exit: Ended): Promise<void> {
    if (watched.stopping !== null) await watched.stopping
    if (exit === 'never_started') {
      // Its dispatcher died before it started the check.
      await forgetCheck(this.#board, row)
      return this.#end(watched, end)
    }
    watched.verified = await resultOfCheck(watched, row, exit)
    await this.#end(watched, end)
  }

  /**
   * A stopped worker is not over until every process that it started is gone. Nor is one that was killed: some agents are
   * a child of the program that was started, and would work on beside the next attempt, in the same session and folder.
   */
  async #treeGone(watched: Watched, end: Ended): Promise<void> {
    if (watched.stopping !== null) return watched.stopping
    const run = this.#rowOf(watched)
    if (run === undefined) return
    const wasKilled = end !== 'never_started' && end?.signal != null && run.ended_at === null
    if (run.stop_requested_at !== null || wasKilled) await stopProcess(this.#board, run)
  }

  /**
   * Checks the limits: runtime, silence, and lingering after a report. Stops all workers that exceed one, in
   * parallel.
   */
  runOnce(): void {
    if (this.#watched.size === 0) return
    const stale = this.#staleSeconds()
    const waiting = waitingRuns(this.#board.connection.read)
    for (const watched of this.#watched.values()) {
      watched.noteWaiting(waiting.get(watched.run.id) ?? null)
      if (watched.stopping !== null || (watched.ended && watched.check === null)) continue
      const reason = this.#overstays(watched, stale)
      if (reason === null) continue
      // Already exited; the exit event may arrive after the timer.
      const target = watched.check === null ? targetOf(watched.run) : checkTargetOf(watched.check.row)
      if (target !== null && !isAlive(target)) continue
      if (typeof reason !== 'string') watched.own_stop = reason
      if (reason === 'late_check') watched.check_is_late = true
      watched.stopping = this.#stop(watched)
      this.#track(watched.stopping)
    }
  }

  #overstays(watched: Watched, staleSeconds: number): ReturnType<Watched['overstays']> {
    const row = this.#rowOf(watched)
    const reason = watched.overstays(row, staleSeconds)
    if (reason === null || watched.log === null) return reason
    // Its log may have grown without a report.
    watched.log.look()
    return watched.overstays(row, staleSeconds)
  }

  #rowOf({ run }: Watched): RunRow | undefined {
    return this.#board.connection.read.get(taskRuns.byId, { id: run.id })
  }

  #staleSeconds(): number {
    return this.#board.settings().stale_after_seconds ?? DEFAULT_STALE_SECONDS
  }

  /** Records the memory of each watched tree, from one scan of the processes that may belong to one. */
  async sample(): Promise<void> {
    if (this.#watched.size === 0) return
    try {
      resumeKeepers(this.#watched.values())
      await samplePeaks(this.#processes, this.#watched.values())
    } finally {
      // After a failed sample too: silent workers would never be sampled again.
      if (this.#watched.size > 0) this.#sampling.done()
    }
  }

  async #stop(watched: Watched): Promise<void> {
    const run = this.#rowOf(watched) ?? watched.run
    this.#services.atStep('stopping')
    const { survivors } = await stopProcess(this.#board, run)
    this.#services.atStep('stopped')
    if (survivors.length === 0) return
    watched.stopping = null
    const pids = survivors.map(({ pid }) => pid).join(', ')
    this.#services.report(`run ${run.id} could not be stopped: ${pids} live on; trying again`)
  }

  /** @returns milliseconds until the next limit falls due */
  nextDueIn(): number {
    const stale = this.#staleSeconds()
    const dues = [...this.#watched.values()].filter(
      ({ stopping, ended, check }) => stopping === null && (!ended || check !== null),
    )
    return Math.min(Infinity, ...dues.map((watched) => watched.dueIn(stale)))
  }

  /** Stop watching every run: another dispatcher does. Only one process may write a log's index and cut the log. */
  leaseLost(): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#sampling.stop()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#unwritten.keep([])
    for (const { log } of this.#watched.values()) if (log !== null) this.#track(log.stop())
    this.#watched.clear()
  }

  /** Stops watching. Workers live on; the next dispatcher adopts them. */
  async stop(): Promise<void> {
    this.leaseLost()
    await Promise.all(this.#settling)
  }
}

/** An exit with neither code nor signal was not seen. */
function seen(end: Ended): Ended {
  if (end === null || end === 'never_started') return end
  return end.exit_code === null && end.signal === null ? null : end
}
