/**
 * Calls its members at an interval. One timer serves all of them, so that ten boards wake an idle process no more
 * often than one.
 */
export class Rounds {
  readonly #every: number
  readonly #keepsAlive: boolean
  readonly #members = new Set<() => void>()
  #timer: NodeJS.Timeout | null = null

  /**
   * @param every in milliseconds
   * @param keepsAlive whether its timer keeps the process alive
   */
  constructor(every: number, { keepsAlive = true } = {}) {
    this.#every = every
    this.#keepsAlive = keepsAlive
  }

  /** May be called again for a member. */
  add(member: () => void): void {
    this.#members.add(member)
    if (this.#timer !== null) return
    this.#timer = setInterval(() => {
      // A member may remove another one.
      for (const each of [...this.#members]) if (this.#members.has(each)) each()
    }, this.#every)
    if (!this.#keepsAlive) this.#timer.unref()
  }

  delete(member: () => void): void {
    this.#members.delete(member)
    if (this.#members.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}
