import type { BoardEvent } from '../../contract/index.ts'
import './shell-facts.ts'

/**
 * One stream of events for all tabs of a browser. A browser opens at most six connections to a server: with a stream
 * each, six tabs would use them all and block every other call.
 *
 * The tab that holds a Web Lock has the stream and passes its events on; the others listen. When that tab is closed or
 * crashes, the browser gives the lock to the next one, which resumes the stream after the last event it received.
 */
export interface SharedStreamOptions {
  /** The subject of the stream: tabs with the same name share it. */
  name: string
  /** The last event that this tab has seen. */
  cursor: () => number
  watch: (since: number, signal: AbortSignal) => Promise<AsyncIterable<BoardEvent>>
  signal: AbortSignal
}

/** How often the holder announces itself, in milliseconds. Timers of hidden tabs run once a minute. */
const BEAT = 10_000
/** After this long without a message the holder counts as stuck. In milliseconds. */
const SILENCE = 150_000

/** `hello`: a new tab asks whether there is a stream. */
type Message = { event: BoardEvent } | { beat: true } | { hello: true }

/** Not in the desktop app, where each window has its own port, and not without a secure origin. */
export function canShareStream(): boolean {
  if (typeof window === 'undefined' || window.runboardShell !== undefined) return false
  return 'locks' in navigator && typeof BroadcastChannel !== 'undefined'
}

/**
 * @returns the events, once this tab's own stream is open or another tab's is received; they throw what its own stream
 *   throws
 * @throws what its own stream throws before that
 */
export async function sharedEvents(options: SharedStreamOptions): Promise<AsyncIterable<BoardEvent>> {
  const stream = new SharedStream(options)
  await stream.opened
  return stream.events()
}

class SharedStream {
  readonly opened: Promise<void>
  readonly #options: SharedStreamOptions
  readonly #queue = new Queue<BoardEvent>()
  readonly #ended = new AbortController()
  readonly #channel: BroadcastChannel
  readonly #lock: string
  readonly #timer: ReturnType<typeof setInterval>
  readonly #stop = () => this.#end(new DOMException('The stream was left.', 'AbortError'))
  #open!: { resolve: () => void; reject: (cause: unknown) => void }
  /** Whether this tab holds the stream, and it is open. */
  #holds = false
  #heardAt = performance.now()

  constructor(options: SharedStreamOptions) {
    this.#options = options
    this.#lock = `runboard:events:${options.name}`
    this.opened = new Promise((resolve, reject) => (this.#open = { resolve, reject }))
    this.#channel = new BroadcastChannel(this.#lock)
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data)
    this.#timer = setInterval(() => this.#beat(), BEAT)
    // A frozen tab cannot pass events on.
    document.addEventListener('freeze', this.#stop)
    options.signal.addEventListener('abort', this.#stop)
    if (options.signal.aborted) this.#stop()
    else this.#lead({ signal: this.#ended.signal })
    this.#tell({ hello: true })
  }

  async *events(): AsyncGenerator<BoardEvent> {
    try {
      yield* this.#queue.items()
    } finally {
      this.#stop()
    }
  }

  #hear(message: Message): void {
    if ('hello' in message) {
      if (this.#holds) this.#tell({ beat: true })
      return
    }
    this.#heardAt = performance.now()
    if ('event' in message && message.event.id > this.#options.cursor()) this.#queue.push(message.event)
    this.#open.resolve()
  }

  #beat(): void {
    if (this.#holds) this.#tell({ beat: true })
    else if (performance.now() - this.#heardAt > SILENCE) {
      this.#heardAt = performance.now()
      this.#lead({ steal: true })
    }
  }

  #tell(message: Message): void {
    if (!this.#ended.signal.aborted) this.#channel.postMessage(message)
  }

  #lead(how: LockOptions): void {
    void navigator.locks
      .request(this.#lock, how, () => this.#passOn())
      .catch((cause: unknown) => this.#end(cause))
  }

  /** Holds the stream until it breaks, and sends its events to this tab and the others. */
  async #passOn(): Promise<void> {
    const { cursor, watch } = this.#options
    try {
      const events = await watch(Math.max(cursor(), this.#queue.newestId), this.#ended.signal)
      this.#holds = true
      this.#open.resolve()
      this.#tell({ beat: true })
      for await (const event of events) {
        this.#queue.push(event)
        this.#tell({ event })
      }
      this.#end(new TypeError('the stream has ended'))
    } catch (error) {
      this.#end(error)
    }
  }

  /** May be called twice. */
  #end(cause: unknown): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    clearInterval(this.#timer)
    document.removeEventListener('freeze', this.#stop)
    this.#options.signal.removeEventListener('abort', this.#stop)
    this.#channel.close()
    this.#open.reject(cause)
    this.#queue.fail(cause)
  }
}

/** Received events that were not taken yet, in order, without duplicates. */
class Queue<Item extends { id: number }> {
  newestId = 0
  readonly #waiting: Item[] = []
  #failure: { cause: unknown } | null = null
  #wake: (() => void) | null = null

  push(item: Item): void {
    if (item.id <= this.newestId) return
    this.newestId = item.id
    this.#waiting.push(item)
    this.#wake?.()
  }

  fail(cause: unknown): void {
    this.#failure ??= { cause }
    this.#wake?.()
  }

  async *items(): AsyncGenerator<Item> {
    for (;;) {
      const item = this.#waiting.shift()
      if (item !== undefined) yield item
      else if (this.#failure !== null) throw this.#failure.cause
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
