import type { Client, Conflict } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'

/** How long to wait after a change, in milliseconds. Several changes within this time cause one request. */
const QUIET = 3000

/** The conflicts that the open branches of a board would have. Read again shortly after the board has changed. */
export class Conflicts {
  #byTask = $state.raw<Readonly<Record<string, readonly Conflict[]>>>({})
  readonly #client: Client
  readonly #board: string
  #timer: ReturnType<typeof setTimeout> | null = null
  #awaitsWindow = false

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  of(id: string): readonly Conflict[] {
    return this.#byTask[id] ?? []
  }

  /** Reads the conflicts soon. Call it at each change of the board. */
  lookSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      if (!document.hidden) void this.#look()
      // A hidden window needs no marks, but they must be right when it is shown again.
      else this.#lookWhenShown()
    }, QUIET)
  }

  #lookWhenShown(): void {
    this.#awaitsWindow = true
    document.addEventListener('visibilitychange', this.#onShown, { once: true })
  }

  readonly #onShown = (): void => {
    this.#awaitsWindow = false
    void this.#look()
  }

  async #look(): Promise<void> {
    try {
      const { conflicts } = await this.#client.board.conflicts({ board: this.#board })
      const byTask: Record<string, Conflict[]> = {}
      for (const conflict of conflicts) (byTask[conflict.task_id] ??= []).push(conflict)
      if (JSON.stringify(byTask) !== JSON.stringify(this.#byTask)) this.#byTask = byTask
    } catch (error) {
      // Keeps the last known conflicts; the next change of the board reads them again.
      console.warn(`The conflicts could not be read: ${asFailure(error).message}`)
    }
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#awaitsWindow) document.removeEventListener('visibilitychange', this.#onShown)
  }
}
