import type { Client, SavedView } from '../../../contract/index.ts'
import { toasts } from '../../shared/toasts.svelte.ts'

/** The board's own saved filters, by name. */
export class SavedViewList {
  list = $state.raw<readonly SavedView[]>([])
  readonly #client: Client
  readonly #board: string

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  async read(): Promise<void> {
    try {
      this.list = (await this.#client.view.list({ board: this.#board })).views
    } catch (error) {
      toasts.fail(error, 'The saved views could not be read')
    }
  }

  /** Replaces a view with the same name. */
  async save(name: string, query: Record<string, string>): Promise<void> {
    try {
      await this.#client.view.save({ board: this.#board, name, query })
      await this.read()
      toasts.show(`Saved the view “${name}”`)
    } catch (error) {
      toasts.fail(error, 'The view was not saved')
    }
  }

  async remove(view: SavedView): Promise<void> {
    try {
      await this.#client.view.delete({ board: this.#board, name: view.name })
      await this.read()
      const undo = () => this.save(view.name, view.query)
      toasts.show(`Deleted the view “${view.name}”`, { action: { label: 'Undo', run: undo } })
    } catch (error) {
      toasts.fail(error, 'The view was not deleted')
    }
  }
}
