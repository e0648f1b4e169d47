/** Two values of one field: what was typed here, and what was saved by someone else meanwhile. */
export interface Versions {
  field: string
  mine: string
  theirs: string
}

export type Version = 'mine' | 'theirs'

/** Asks which of two versions to keep: one question at a time, over whatever is open. */
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
