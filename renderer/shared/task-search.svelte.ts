import type { Card, Client } from '../../contract/index.ts'
import { asFailure } from './errors.ts'

const TYPING = 120

/** Searches the tasks of a board during typing: a moment after the last key, and the latest answer wins. */
export class TaskSearch {
  results = $state.raw<readonly Card[]>([])
  searching = $state(false)
  error = $state<string | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = 0

  readonly #client: Client
  readonly #board: () => string | null
  readonly #limit: number

  constructor(client: Client, board: () => string | null, limit = 12) {
    this.#client = client
    this.#board = board
    this.#limit = limit
  }

  /** @param text a blank text returns the tasks that changed last */
  look(text: string): void {
    clearTimeout(this.#timer)
    this.searching = true
    this.#timer = setTimeout(() => void this.#ask(text.trim()), TYPING)
  }

  async #ask(search: string): Promise<void> {
    const board = this.#board()
    if (board === null) return
    const asked = ++this.#asked
    try {
      const { tasks } = await this.#client.task.list({
        board,
        limit: this.#limit,
        sort: '-updated',
        ...(search === '' ? {} : { search }),
      })
      if (asked !== this.#asked) return
      this.results = tasks
      this.error = null
    } catch (error) {
      if (asked === this.#asked) this.error = asFailure(error).message
    } finally {
      if (asked === this.#asked) this.searching = false
    }
  }
}
