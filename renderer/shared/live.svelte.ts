import type { BoardEvent, Client } from '../../contract/index.ts'
import { asFailure, type Failure } from './errors.ts'
import { canShareStream, sharedEvents } from './shared-stream.ts'

/** `live`: events arrive as they happen. `broken`: the stream is lost and is being reconnected. */
export type FeedState = 'connecting' | 'live' | 'broken' | 'refused'

export type FeedListener = (event: BoardEvent) => void

const FIRST_DELAY = 250
const LONGEST_DELAY = 8000

/** The events of one board, in order and without gaps: after a break it continues from the last event seen. */
export class LiveFeed {
  state = $state<FeedState>('connecting')
  failure = $state.raw<Failure | null>(null)
  /** When the next attempt is due, for display; null while connected. */
  retryAt = $state<number | null>(null)

  readonly #client: Client
  readonly #board: string
  /* eslint-disable svelte/prefer-svelte-reactivity -- called, never rendered */
  readonly #listeners = new Set<FeedListener>()
  readonly #reconnected = new Set<() => void>()
  /* eslint-enable svelte/prefer-svelte-reactivity */
  readonly #shares = canShareStream()
  #cursor = 0
  #abort: AbortController | null = null
  #wake: (() => void) | null = null

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called each time the stream is restored after a break. @returns a function that ends it */
  onReconnect(listener: () => void): () => void {
    this.#reconnected.add(listener)
    return () => this.#reconnected.delete(listener)
  }

  /** @param cursor of the last event that the caller knows; runs until `stop` */
  start(cursor: number): void {
    if (this.#abort !== null) return
    this.#cursor = cursor
    this.#abort = new AbortController()
    void this.#run(this.#abort.signal)
  }

  stop(): void {
    this.#abort?.abort()
    this.#abort = null
    this.#wake?.()
  }

  /** Reconnects without waiting for the next attempt. */
  retryNow(): void {
    this.#wake?.()
  }

  async #run(signal: AbortSignal): Promise<void> {
    let delay = FIRST_DELAY
    let broken = false
    while (!signal.aborted) {
      try {
        const events = await this.#open(signal)
        // A shared stream does not repeat the events from before this page listened.
        this.#connected(broken || this.#shares)
        delay = FIRST_DELAY
        for await (const event of events) {
          if (signal.aborted) return
          this.#deliver(event)
        }
      } catch (error) {
        if (signal.aborted) return
        this.failure = asFailure(error)
      }
      if (signal.aborted) return
      broken = true
      this.state = this.failure?.code === 'UNAUTHORIZED' ? 'refused' : 'broken'
      await this.#wait(delay * (0.8 + Math.random() * 0.4))
      delay = Math.min(delay * 2, LONGEST_DELAY)
    }
  }

  #open(signal: AbortSignal): Promise<AsyncIterable<BoardEvent>> {
    const watch = (since: number, ended: AbortSignal) =>
      this.#client.event.watch({ board: this.#board, since }, { signal: ended })
    if (!this.#shares) return watch(this.#cursor, signal)
    return sharedEvents({ name: this.#board, cursor: () => this.#cursor, watch, signal })
  }

  #connected(again: boolean): void {
    this.state = 'live'
    this.failure = null
    this.retryAt = null
    if (again) for (const listener of this.#reconnected) listener()
  }

  #deliver(event: BoardEvent): void {
    this.#cursor = Math.max(this.#cursor, event.id)
    for (const listener of this.#listeners) listener(event)
  }

  #wait(milliseconds: number): Promise<void> {
    this.retryAt = Date.now() + milliseconds
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
