interface Pace {
  /** How long to wait for further requests, in milliseconds. */
  wait?: number
  /** The least time between the starts of two runs that were requested by `soon`, in milliseconds. */
  every?: number
}

/** Runs a function once for many requests that come close together, and never twice at the same time. */
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

  /** Requests a run after the wait. All calls until then cause one run. */
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

  /** Runs at once. A call during a run returns immediately, and causes one more run afterwards. */
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

  /** Cancels a requested run, and ignores later calls of `soon`. A run that has started continues. */
  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
