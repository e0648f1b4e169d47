/** Two values of one field: the one typed here, and the one that another process saved meanwhile. */
export interface Versions {
  field: string
  mine: string
  theirs: string
}

export type Version = 'mine' | 'theirs'

/** Asks which of two versions to keep: one question at a time, on top of everything else. */
class VersionChoice {
  open = $state.raw<Versions | null>(null)
  #answer: ((chosen: Version | null) => void) | null = null

  /** @returns the chosen version, or null to keep editing */
  ask(versions: Versions): Promise<Version | null> {
    this.#answer?.(null)
    this.open = versions
    return new Promise((resolve) => (this.#answer = resolve))
  }

  settle(chosen: Version | null): void {
    const answer = this.#answer
    this.#answer = null
    this.open = null
    answer?.(chosen)
  }
}

export const versionChoice = new VersionChoice()
