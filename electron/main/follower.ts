import type { BoardEvent, Client } from '../../contract/index.ts'
import { type FolderWatch, watchBoards } from '../../kernel/index.ts'
import { type EventMark, markOf, resumeAfter } from './event-mark.ts'

/** How often to look for boards that were created or archived since, in case no report says so. In milliseconds. */
const SWEEP_MS = 30_000
/** How long after a report to look. Reports come in bursts. In milliseconds. */
const DELAY_MS = 100
/** How long after an error, or the end of a stream. */
const RETRY_MS = 5_000

export interface FollowerOptions {
  client: Client
  /** RUNBOARD_HOME. The system reports when a board appears in it. */
  home: string
  onEvent: (board: string, event: BoardEvent) => void
  /** The last event of the board that an earlier start has covered; null if it knew none. */
  since?: (board: string) => EventMark | null
  report: (message: string, cause: unknown) => void
  clock?: () => number
}

/**
 * Follows the event logs of all boards of the home: each from where an earlier start left it, a board unknown to it from
 * now on, and a board that appears later from the start of the app.
 */
export class BoardFollower {
  readonly #options: FollowerOptions
  readonly #following = new Map<string, AbortController>()
  /** The last event seen of each board: a broken stream resumes after it. */
  readonly #marks = new Map<string, EventMark>()
  readonly #startedAt: number
  readonly #folders: FolderWatch
  #sweep: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #started = false
  #stopped = false

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#startedAt = (options.clock ?? Date.now)()
    this.#folders = watchBoards(options.home, [], () => this.#lookIn(DELAY_MS))
  }

  async start(): Promise<void> {
    await this.runOnce()
    this.#started = true
    if (this.#stopped) return
    this.#sweep = setInterval(() => void this.runOnce(), SWEEP_MS)
  }

  #lookIn(ms: number): void {
    if (this.#stopped) return
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      void this.runOnce()
    }, ms)
  }

  /** May be called twice. */
  stop(): void {
    this.#stopped = true
    clearInterval(this.#sweep)
    clearTimeout(this.#soon)
    this.#folders.stop()
    for (const ending of this.#following.values()) ending.abort()
  }

  /** Follows the boards that are not followed yet. */
  async runOnce(): Promise<void> {
    if (this.#stopped) return
    try {
      this.#folders.renew()
      const { boards } = await this.#options.client.board.list({})
      for (const { slug, problem } of boards) {
        if (this.#stopped || problem !== null || this.#following.has(slug)) continue
        await this.#begin(slug)
      }
    } catch (error) {
      if (this.#stopped) return
      this.#options.report('The boards could not be listed', error)
      this.#lookIn(RETRY_MS)
    }
  }

  /** @returns the id of the event after which to follow; null: from now on */
  async #firstCursor(board: string): Promise<number | null> {
    const known = this.#marks.get(board) ?? this.#options.since?.(board) ?? null
    if (known === null && !this.#started) return null
    const mark = known ?? { id: 0, at: this.#startedAt - 1 }
    return resumeAfter(this.#options.client, board, mark)
  }

  /** Registers the board before the first await: two overlapping sweeps must not follow it twice. */
  async #begin(board: string): Promise<void> {
    const ending = new AbortController()
    this.#following.set(board, ending)
    try {
      const since = await this.#firstCursor(board)
      if (!ending.signal.aborted) void this.#follow(board, since, ending)
    } catch (error) {
      this.#following.delete(board)
      throw error
    }
  }

  async #follow(board: string, since: number | null, ending: AbortController): Promise<void> {
    try {
      const input = since === null ? { board } : { board, since }
      const events = await this.#options.client.event.watch(input, { signal: ending.signal })
      for await (const event of events) {
        this.#marks.set(board, markOf(event))
        this.#options.onEvent(board, event)
      }
    } catch (error) {
      if (!ending.signal.aborted) this.#options.report(`Board “${board}” is no longer followed`, error)
    } finally {
      this.#following.delete(board)
      this.#lookIn(RETRY_MS)
    }
  }
}
