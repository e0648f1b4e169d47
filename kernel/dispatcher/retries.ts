const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** After this many failures in a row nobody waits for the work any more; it is still retried. */
const HOPEFUL_TRIES = 5

interface Failed {
  tries: number
  until: number
  said: string
}

function pauseAfter(tries: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
}

/**
 * Work that failed and is retried: after one second, two, four, up to half a minute. Times are of the awake clock.
 */
export class Retries {
  readonly #failed = new Map<number, Failed>()

  /** @returns whether the error differs from the last one and should be reported */
  note(id: number, now: number, error: unknown): boolean {
    const before = this.#failed.get(id)
    const said = error instanceof Error ? error.message : String(error)
    const tries = (before?.tries ?? 0) + 1
    this.#failed.set(id, { tries, until: now + pauseAfter(tries), said })
    return before?.said !== said
  }

  /** @returns the pause before the next try, in milliseconds */
  pauseOf(id: number): number {
    return pauseAfter(this.#failed.get(id)?.tries ?? 1)
  }

  /** How many have failed HOPEFUL_TRIES times or more. */
  get hopeless(): number {
    return [...this.#failed.values()].filter(({ tries }) => tries >= HOPEFUL_TRIES).length
  }

  forget(id: number): void {
    this.#failed.delete(id)
  }

  /** Forgets all others: another process has handled them. */
  keep(ids: Iterable<number>): void {
    const kept = new Set(ids)
    for (const id of this.#failed.keys()) if (!kept.has(id)) this.#failed.delete(id)
  }

  /** @returns the ids that must not be retried yet */
  waiting(now: number): number[] {
    return [...this.#failed].flatMap(([id, { until }]) => (until > now ? [id] : []))
  }

  /** @returns milliseconds until the next retry */
  nextDueIn(now: number): number {
    return Math.min(Infinity, ...[...this.#failed.values()].map(({ until }) => until - now))
  }

  /** Whether any has failed fewer than HOPEFUL_TRIES times. */
  get shouldKeepWaiting(): boolean {
    return [...this.#failed.values()].some(({ tries }) => tries < HOPEFUL_TRIES)
  }
}
