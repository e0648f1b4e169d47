import { type FSWatcher, watch } from 'node:fs'
import { capLog, type CapOptions, LOG_MAX_BYTES } from './cap-log.ts'
import { type LogStat, statLog } from './log-file.ts'
import { LogIndexWriter } from './log-index.ts'
import { errorMessage } from '../../home/system-error.ts'
import { Rounds } from '../../rounds.ts'

export interface LogWatcherOptions extends CapOptions {
  log_path: string
  /** Called when the log has grown, with its size and time: a sign of life, and the first output. */
  on_output?: (log: LogStat) => void
  /** Called with the error of a look that a timer started: a full disk, a log that was removed. */
  on_error?: (error: unknown) => void
  /** Minimum time between two looks, in milliseconds. */
  interval_ms?: number
  now?: () => number
}

/** Looks at logs whose growth the system does not report: on a network mount, or when it watches too many files. */
const polls = new Rounds(1_000, { keepsAlive: false })
/** Looks at all others, in case a report was lost. */
const quietLooks = new Rounds(30_000, { keepsAlive: false })
/** Windows reports what a process writes only once it closes the file, or later. */
const reportsGrowth = process.platform !== 'win32'
/**
 * Output written at the very moment of a cut is lost (capLog). So a log over its cap is cut when its worker pauses.
 * If the worker never pauses, the log is cut at this multiple of its cap.
 */
const LONGEST_OVER_CAP = 1.1
/** A log that grew by this much between two looks is looked at sooner: at gigabytes a second every moment counts. */
const FAST_GROWTH = 4 * 1024 * 1024
const FAST_INTERVAL_MS = 10

/**
 * Follows the log of one open run: keeps its index, reports growth, and keeps it below its cap. Idle while nothing is
 * written. Does not keep the process alive.
 */
export class LogWatcher {
  readonly #options: LogWatcherOptions
  readonly #now: () => number
  readonly #index: LogIndexWriter
  #seen = 0
  #isFast = false
  #watcher: FSWatcher | null = null
  #isRunning = false
  #next: NodeJS.Timeout | null = null
  #lastLook = 0
  /** While the log is being cut, its size means nothing. */
  #cutting: Promise<void> | null = null
  #lastProblem = ''

  constructor(options: LogWatcherOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#index = new LogIndexWriter(options.log_path, { interval_ms: this.#interval })
  }

  get #interval(): number {
    return this.#options.interval_ms ?? 50
  }

  /** Starts watching. The log must exist (startWorker creates it). */
  start(): void {
    this.#isRunning = true
    try {
      this.#watcher = watch(this.#options.log_path, { persistent: false }, () => this.#lookSoon(0))
      this.#watcher.on('error', () => this.#poll())
      quietLooks.add(this.#lookQuietly)
      if (!reportsGrowth) this.#poll()
    } catch {
      // The system has no watches left (ENOSPC, EMFILE).
      this.#poll()
    }
    this.#lookSoon(0)
  }

  /** Looks now. Growth is reported before it returns. */
  readonly look = (): void => void this.#look()

  readonly #lookQuietly = (): void => {
    const before = this.#seen
    const isExpected = this.#next !== null
    this.look()
    if (this.#seen > before && !isExpected) this.#poll()
  }

  /** From now on, because reports are lost. */
  #poll(): void {
    this.#watcher?.close()
    this.#watcher = null
    quietLooks.delete(this.#lookQuietly)
    polls.add(this.look)
  }

  /**
   * One look at the log: records growth at once, and cuts a log over its cap, which takes some milliseconds.
   *
   * @throws NotRegularFileError if the log was replaced by something else
   */
  async run_once({ at_once = false }: { at_once?: boolean } = {}): Promise<void> {
    if (this.#cutting !== null) return this.#cutting
    this.#lastLook = this.#now()
    const log = statLog(this.#options.log_path)
    if (log === null) return
    const growth = log.size - this.#seen
    if (growth > 0) this.#options.on_output?.(log)
    this.#seen = log.size
    this.#isFast = growth >= FAST_GROWTH
    const wait = this.#index.note(log.size, this.#now(), { at_once })
    if (wait > 0) this.#lookSoon(wait)
    await this.#holdToCap(log.size, growth > 0 && !at_once)
  }

  /** Takes a last look, so that the end of the output has its time, then stops. May be called twice. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return
    this.#isRunning = false
    polls.delete(this.look)
    quietLooks.delete(this.#lookQuietly)
    clearTimeout(this.#next ?? undefined)
    this.#watcher?.close()
    // The look that began the cut reports its error.
    await this.#cutting?.catch(() => undefined)
    await this.#look({ at_once: true })
    this.#index.close()
  }

  async #holdToCap(size: number, isBeingWritten: boolean): Promise<void> {
    const cap = this.#options.max_bytes ?? LOG_MAX_BYTES
    if (size <= cap) return
    if (isBeingWritten && size <= cap * LONGEST_OVER_CAP) return this.#lookSoon(this.#interval)
    this.#cutting = this.#cut().finally(() => {
      this.#cutting = null
      this.#lookSoon(0)
    })
    await this.#cutting
  }

  async #cut(): Promise<void> {
    const { log_path } = this.#options
    const cut = await capLog(log_path, this.#options)
    if (cut === null) return
    const size = statLog(log_path)?.size ?? 0
    this.#index.noteCut(cut, size)
    this.#seen = Math.min(size, Math.max(cut.head, this.#seen - cut.shift))
  }

  /** No error of a log may end the process that watches it. A repeated error is reported once. */
  async #look(options?: { at_once: boolean }): Promise<void> {
    try {
      await this.run_once(options)
    } catch (error) {
      const problem = errorMessage(error)
      if (problem !== this.#lastProblem) this.#options.on_error?.(error)
      this.#lastProblem = problem
    }
  }

  #lookSoon(waitMs: number): void {
    if (this.#next !== null || !this.#isRunning) return
    // Clamped, because a clock that was set back must not silence the watcher.
    const sinceLook = Math.max(0, this.#now() - this.#lastLook)
    const interval = this.#isFast ? Math.min(FAST_INTERVAL_MS, this.#interval) : this.#interval
    const wait = Math.max(waitMs, interval - sinceLook, 0)
    this.#next = setTimeout(() => {
      this.#next = null
      void this.#look()
    }, wait).unref()
  }
}
