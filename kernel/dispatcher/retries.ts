const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** After so many in a row nobody waits for it any more: it goes on being tried. */
const HOPEFUL_TRIES = 5

interface Failed {
  tries: number
  until: number
  said: string
}

function pauseAfter(tries: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
}

/** What failed and is tried again: after a second, two, four, up to half a minute. Moments are of the awake clock. */
export class Retries {
  readonly #failed = new Map<number, Failed>()

  /** @returns whether it fails in a new way, which is worth telling */
  note(id: number, now: number, error: unknown): boolean {
    const before = this.#failed.get(id)
    const said = error instanceof Error ? error.message : String(error)
    const tries = (before?.tries ?? 0) + 1
    this.#failed.set(id, { tries, until: now + pauseAfter(tries), said })
    return before?.said !== said
  }

  /** @returns how long the wait before its next try is, in milliseconds */
  pauseOf(id: number): number {
    return pauseAfter(this.#failed.get(id)?.tries ?? 1)
  }

  /** How many have failed for long. */
  get hopeless(): number {
    return [...this.#failed.values()].filter(({ tries }) => tries >= HOPEFUL_TRIES).length
  }

  forget(id: number): void {
    this.#failed.delete(id)
  }

  /** Forgets all others: somebody else has seen to them. */
  keep(ids: Iterable<number>): void {
    const kept = new Set(ids)
    for (const id of this.#failed.keys()) if (!kept.has(id)) this.#failed.delete(id)
  }

  /** @returns what is not to be tried yet */
  waiting(now: number): number[] {
    return [...this.#failed].flatMap(([id, { until }]) => (until > now ? [id] : []))
  }

  /** @returns in how many milliseconds the next one falls due */
  nextDueIn(now: number): number {
    return Math.min(Infinity, ...[...this.#failed.values()].map(({ until }) => until - now))
  }

  /** Whether one of them has not failed for long yet. */
  get areHopeful(): boolean {
    return [...this.#failed.values()].some(({ tries }) => tries < HOPEFUL_TRIES)
  }
}
