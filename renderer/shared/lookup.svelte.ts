import { asFailure } from './errors.ts'

const TYPING = 120

/** Asks for something by the text that is being typed: a moment after the last key, and the latest answer wins. */
export class Lookup<T> {
  value = $state.raw() as T
  /** The text that `value` answers; null before the first answer. A choice counts only while it is the text in the field. */
  answered = $state<string | null>(null)
  searching = $state(false)
  error = $state<string | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = 0
  readonly #ask: (text: string) => Promise<T>

  /** @param first the value before the first answer */
  constructor(ask: (text: string) => Promise<T>, first: T) {
    this.#ask = ask
    this.value = first
  }

  /** @param text is asked for as it is, a blank one too */
  look(text: string): void {
    clearTimeout(this.#timer)
    this.searching = true
    this.#timer = setTimeout(() => void this.#run(text), TYPING)
  }

  async #run(text: string): Promise<void> {
    const asked = ++this.#asked
    try {
      const value = await this.#ask(text)
      if (asked !== this.#asked) return
      this.value = value
      this.answered = text
      this.error = null
    } catch (error) {
      if (asked === this.#asked) this.error = asFailure(error).message
    } finally {
      if (asked === this.#asked) this.searching = false
    }
  }
}
