import type { BoardEvent, Client } from '../../contract/index.ts'

/** How often boards are looked for that were made or archived since, in milliseconds. */
const SWEEP_MS = 5_000

export interface FollowerOptions {
  client: Client
  onEvent: (board: string, event: BoardEvent) => void
  report: (message: string, cause: unknown) => void
}

/** Follows the event logs of all boards of the home, from when it is started. */
export class BoardFollower {
  readonly #options: FollowerOptions
  readonly #following = new Map<string, AbortController>()
  /** The last event seen of each board: a stream that broke goes on after it. */
  readonly #cursors = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    await this.runOnce()
    if (this.#stopped) return
    this.#timer = setInterval(() => void this.runOnce(), SWEEP_MS)
  }

  /** May be called twice. */
  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
    for (const ending of this.#following.values()) ending.abort()
  }

  /** Follows the boards that are not followed yet. */
  async runOnce(): Promise<void> {
    try {
      const { boards } = await this.#options.client.board.list({})
      for (const { slug, problem } of boards) {
        if (!this.#stopped && problem === null && !this.#following.has(slug)) void this.#follow(slug)
      }
    } catch (cause) {
      this.#options.report('The boards could not be listed', cause)
    }
  }

  async #follow(board: string): Promise<void> {
    const ending = new AbortController()
    this.#following.set(board, ending)
    try {
      const since = this.#cursors.get(board)
      const input = since === undefined ? { board } : { board, since }
      const events = await this.#options.client.event.watch(input, { signal: ending.signal })
      for await (const event of events) {
        this.#cursors.set(board, event.id)
        this.#options.onEvent(board, event)
      }
    } catch (cause) {
      if (!ending.signal.aborted) this.#options.report(`Board “${board}” is not followed any more`, cause)
    } finally {
      this.#following.delete(board)
    }
  }
}
