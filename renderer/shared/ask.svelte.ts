/** What a person has to say before something is done. */
export interface Question {
  title: string
  text?: string
  /** Without a field it only asks whether. */
  field?: {
    label: string
    placeholder?: string
    required?: boolean
    value?: string
    lines?: number
    /** Says what is wrong with what was typed, or null. */
    check?: (value: string) => string | null
    hint?: string
  }
  confirm: string
  danger?: boolean
}

/** One question at a time, over whatever is open. */
class Asker {
  open = $state.raw<Question | null>(null)
  #answer: ((value: string | null) => void) | null = null

  /** @returns what was typed (empty where nothing was asked for), or null when it was given up */
  ask(question: Question): Promise<string | null> {
    this.#answer?.(null)
    this.open = question
    return new Promise((resolve) => (this.#answer = resolve))
  }

  settle(value: string | null): void {
    const answer = this.#answer
    this.#answer = null
    this.open = null
    answer?.(value)
  }
}

export const asker = new Asker()
