interface Pace {
  /** How long to wait for further requests, in milliseconds. */
  wait?: number
  /** The least time between the starts of two runs that were requested by `soon`, in milliseconds. */
  every?: number
}

/** Runs something once for many requests that come close together, and never twice at the same time. */
export class Coalescer {
  readonly #run: () => unknown
  readonly #pace: Required<Pace>
  #timer: ReturnType<typeof setTimeout> | null = null
  #startedAt = Number.NEGATIVE_INFINITY
  #running = false
  #again = false
  #stopped = false

  /** @param run handles its own errors */
  constructor(run: () => unknown, { wait = 0, every = 0 }: Pace) {
    this.#run = run
    this.#pace = { wait, every }
  }

  /** Runs it a little later; calls until then are one request. */
  soon(): void {
    if (this.#stopped) return
    const earliest = this.#startedAt + this.#pace.every - performance.now()
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null
        this.#startedAt = performance.now()
        void this.now()
      },
      Math.max(this.#pace.wait, earliest),
    )
  }

  /** Runs it at once. Calls during a run return immediately and cause one more run. */
  async now(): Promise<void> {
    this.#again = this.#running
    if (this.#running) return
    this.#running = true
    try {
      do {
        this.#again = false
        await this.#run()
      } while (this.#wantsMore())
    } finally {
      this.#running = false
    }
  }

  #wantsMore(): boolean {
    return this.#again && !this.#stopped
  }

  /** Drops what was requested. */
  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
