import type { Client, SavedView } from '../../contract/index.ts'
import { withQuery } from './router.svelte.ts'
import { toasts } from './toasts.svelte.ts'

/** The views of the window whose filters can be saved. */
export type FilteredView = 'board' | 'runs'

/** The parameter of a saved query that names the filtered view; absent for the board. */
const VIEW_KEY = 'view'

/** The saved filters of one view of a board. The kernel keeps those of all views in one list, so names must differ. */
export class SavedViewList {
  list = $state.raw<readonly SavedView[]>([])
  readonly #client: Client
  readonly #board: string
  readonly #view: FilteredView
  #all: readonly SavedView[] = []

  constructor(client: Client, board: string, view: FilteredView) {
    this.#client = client
    this.#board = board
    this.#view = view
  }

  async read(): Promise<void> {
    try {
      this.#all = (await this.#client.view.list({ board: this.#board })).views
      this.list = this.#all
        .filter(({ query }) => viewOf(query) === this.#view)
        .map(({ query: { [VIEW_KEY]: _view, ...query }, ...saved }) => ({ ...saved, query }))
    } catch (error) {
      toasts.fail(error, 'The saved views could not be read')
    }
  }

  /** Saves a filter, replacing one of the same name. Refuses a name that a filter of another view has. */
  async save(name: string, query: Record<string, string>): Promise<void> {
    await this.read()
    const taken = this.#all.find((saved) => saved.name === name && viewOf(saved.query) !== this.#view)
    if (taken !== undefined) {
      toasts.show(`“${name}” is a saved filter of the ${viewOf(taken.query)}. Choose another name.`, {
        tone: 'bad',
      })
      return
    }
    try {
      const view = this.#view === 'board' ? {} : { [VIEW_KEY]: this.#view }
      await this.#client.view.save({ board: this.#board, name, query: { ...query, ...view } })
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

/**
 * @param filter the present filter, with all its parameters
 * @returns the query of the address after a view was chosen; other parameters, such as the layout, stay
 */
export function queryWith(
  query: Readonly<Record<string, string>>,
  filter: Readonly<Record<string, string>>,
  view: Pick<SavedView, 'query'>,
): Record<string, string> {
  const none = Object.fromEntries(Object.keys(filter).map((key) => [key, '']))
  return withQuery(query, { ...none, ...view.query })
}

function viewOf(query: Readonly<Record<string, string>>): string {
  return query[VIEW_KEY] ?? 'board'
}
