/**
 * When the workers of a board are sampled, in milliseconds: this long after one was started, late enough to be
 * representative and early enough to catch short runs; this long after output; and at most this late, after pauses
 * that grow while none of them writes.
 */
const WITHIN = { new: 200, active: 2_000, silent: 10_000 }

/** The timer of the samples: frequent while workers do something, seldom while they are silent. It keeps no process alive. */
export class Sampling {
  readonly #sample: () => void
  #timer: NodeJS.Timeout | null = null
  /** When the timer is due, on the monotonic clock. */
  #dueAt = Infinity
  #pause = WITHIN.active

  /** @param sample called at each sample */
  constructor(sample: () => void) {
    this.#sample = sample
  }

  /** A worker was started, or has written, or was taken over. */
  wake(why: 'new' | 'active'): void {
    this.#pause = WITHIN.active
    this.#within(WITHIN[why])
  }

  /** Call it after a sample, while there are workers. */
  done(): void {
    this.#within(this.#pause)
    this.#pause = Math.min(this.#pause * 2, WITHIN.silent)
  }

  #within(ms: number): void {
    const at = performance.now() + ms
    if (at >= this.#dueAt) return
    this.stop()
    this.#dueAt = at
    this.#timer = setTimeout(() => {
      this.stop()
      this.#sample()
    }, ms).unref()
  }

  /** May be called twice. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#dueAt = Infinity
  }
}
