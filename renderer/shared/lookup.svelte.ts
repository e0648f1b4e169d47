import { asFailure } from './errors.ts'

const TYPING = 120

/** Asks for an answer to a text that the user types, after a pause in typing. An answer to an older text is dropped. */
export class Lookup<T> {
  value = $state.raw() as T
  /** The text that `value` answers; null before the first answer. Until it equals the text in the field, `value` is old. */
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

  /** @param text passed on unchanged, even if it is blank */
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
