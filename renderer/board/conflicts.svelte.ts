import type { Client, Conflict } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'

/** How long to wait after a change, so that many changes are one look. In milliseconds. */
const QUIET = 3000

/** The conflicts that the open branches of a board would have. Looked up some time after the board has changed. */
export class Conflicts {
  #byTask = $state.raw<Readonly<Record<string, readonly Conflict[]>>>({})
  readonly #client: Client
  readonly #board: string
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  of(id: string): readonly Conflict[] {
    return this.#byTask[id] ?? []
  }

  /** Call it at each change of the board. */
  lookSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      if (!document.hidden) void this.#look()
    }, QUIET)
  }

  async #look(): Promise<void> {
    try {
      const { conflicts } = await this.#client.board.conflicts({ board: this.#board })
      const byTask: Record<string, Conflict[]> = {}
      for (const conflict of conflicts) (byTask[conflict.task_id] ??= []).push(conflict)
      if (JSON.stringify(byTask) !== JSON.stringify(this.#byTask)) this.#byTask = byTask
    } catch (error) {
      // The marks of the last look stay; the next change of the board looks again.
      console.warn(`Conflicts could not be foreseen: ${asFailure(error).message}`)
    }
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }
}
