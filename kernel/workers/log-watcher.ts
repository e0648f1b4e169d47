import { type FSWatcher, watch } from 'node:fs'
import { capLog, type CapOptions, LOG_MAX_BYTES } from './cap-log.ts'
import { type LogStat, statLog } from './log-file.ts'
import { LogIndexWriter } from './log-index.ts'

export interface LogWatcherOptions extends CapOptions {
  log_path: string
  /** Called when the log has grown, with its size and time: liveness, and the first output. */
  on_output?: (log: LogStat) => void
  /** Called with what a look that a timer began has thrown: a full disk, a log that was taken away. */
  on_error?: (error: unknown) => void
  /** Least time between two looks, in milliseconds. */
  interval_ms?: number
  now?: () => number
}

/** A file system may tell nothing (network mounts), or not all: then this is how late a growth is seen, at most. */
const SAFETY_MS = 1_000
/**
 * What is written in the very moment of a cut is lost (capLog). So a log over its cap is cut when its worker pauses; one
 * that never pauses is cut at so many times its cap.
 */
const LONGEST_OVER_CAP = 1.1

/**
 * Follows one run's log while the run is open: keeps its index, says when it grows, and holds it to its cap. Idle
 * while nothing is written. Does not keep the process alive.
 */
export class LogWatcher {
  readonly #options: LogWatcherOptions
  readonly #now: () => number
  readonly #index: LogIndexWriter
  #seen = 0
  #watcher: FSWatcher | null = null
  #safety: NodeJS.Timeout | null = null
  #next: NodeJS.Timeout | null = null
  #lastLook = 0

  constructor(options: LogWatcherOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#index = new LogIndexWriter(options.log_path, { interval_ms: this.#interval })
  }

  get #interval(): number {
    return this.#options.interval_ms ?? 50
  }

  /** Begins to watch. The log must exist (startWorker has made it). */
  start(): void {
    this.#safety = setInterval(() => this.#look(), SAFETY_MS).unref()
    try {
      this.#watcher = watch(this.#options.log_path, { persistent: false }, () => this.#lookSoon(0))
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // No watches left (ENOSPC, EMFILE): the safety timer goes on alone.
    }
    this.#lookSoon(0)
  }

  /** One look at the log: what is new is noted, and what is too much is cut. */
  run_once({ at_once = false }: { at_once?: boolean } = {}): void {
    this.#lastLook = this.#now()
    const log = statLog(this.#options.log_path)
    if (log === null) return
    const hasGrown = log.size > this.#seen
    if (hasGrown) this.#options.on_output?.(log)
    this.#seen = log.size
    const wait = this.#index.note(log.size, this.#now(), { at_once })
    if (wait > 0) this.#lookSoon(wait)
    this.#holdToCap(log.size, hasGrown && !at_once)
  }

  /** Takes a last look, so that the end of the output has its time, and stops. May be called twice. */
  stop(): void {
    if (this.#safety === null) return
    clearInterval(this.#safety)
    this.#safety = null
    clearTimeout(this.#next ?? undefined)
    this.#watcher?.close()
    this.#look({ at_once: true })
    this.#index.close()
  }

  #holdToCap(size: number, isBeingWritten: boolean): void {
    const cap = this.#options.max_bytes ?? LOG_MAX_BYTES
    if (size <= cap) return
    if (isBeingWritten && size <= cap * LONGEST_OVER_CAP) this.#lookSoon(this.#interval)
    else this.#cut()
  }

  #cut(): void {
    const cut = capLog(this.#options.log_path, this.#options)
    if (cut === null) return
    this.#index.noteCut(cut)
    this.#seen -= cut.shift
  }

  /** Nothing that happens to a log may end the process that watches it. */
  #look(options?: { at_once: boolean }): void {
    try {
      this.run_once(options)
    } catch (error) {
      this.#options.on_error?.(error)
    }
  }

  #lookSoon(waitMs: number): void {
    if (this.#next !== null || this.#safety === null) return
    // Clamped, because a clock that was set back must not silence the watcher.
    const sinceLook = Math.max(0, this.#now() - this.#lastLook)
    const wait = Math.max(waitMs, this.#interval - sinceLook, 0)
    this.#next = setTimeout(() => {
      this.#next = null
      this.#look()
    }, wait).unref()
  }
}
