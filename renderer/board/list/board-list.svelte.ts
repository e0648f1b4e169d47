import { untrack } from 'svelte'
import type { Card } from '../../../contract/index.ts'
import type { TaskStatus } from '../../../contract/states.ts'
import type { Router } from '../../shared/router.svelte.ts'
import type { BoardStore } from '../board-store.svelte.ts'
import type { BoardFilter } from '../filter/board-filter.svelte.ts'
import {
  formatList,
  type ListColumn,
  type ListRow,
  listRows,
  type ListSettings,
  parseList,
} from './list-model.ts'

const KEY = 'runboard:board-layout'

/** Columns by status, one table, or lanes by the stages of a workflow. */
const LAYOUTS = ['board', 'list', 'stages'] as const
type Layout = (typeof LAYOUTS)[number]

/** The parts of the board that the list needs. */
interface ListedBoard {
  readonly router: Router
  readonly store: BoardStore
  readonly filter: BoardFilter
  readonly statuses: readonly TaskStatus[]
  cards(ids: readonly string[]): Card[]
}

/** The board as a table. Its columns, order and groups are in the address; the layout is also kept for the next start. */
export class BoardList {
  readonly #board: ListedBoard
  #kept = $state(localStorage.getItem(KEY))

  readonly settings: ListSettings = $derived.by(() => parseList(this.#board.router.route.query))
  readonly layout: Layout = $derived.by(() => {
    const asked = this.#board.router.route.query['layout'] ?? this.#kept
    return LAYOUTS.find((layout) => layout === asked) ?? 'board'
  })
  /** Whether the board is shown as a list. */
  readonly on: boolean = $derived.by(() => this.layout === 'list')
  readonly rows: readonly ListRow[] = $derived.by(() => {
    const { store, statuses, filter } = this.#board
    void store.revision
    const ids = statuses.flatMap((status) => filter.visible(status))
    const { settings } = this
    return untrack(() => listRows(this.#board.cards(ids), settings))
  })
  readonly ids: readonly string[] = $derived.by(() =>
    this.rows.flatMap((row) => (row.kind === 'card' ? [row.key] : [])),
  )

  constructor(board: ListedBoard) {
    this.#board = board
  }

  setLayout(layout: Layout): void {
    this.#kept = layout
    localStorage.setItem(KEY, layout)
    this.#write({ layout })
  }

  toggle(): void {
    this.setLayout(this.on ? 'board' : 'list')
  }

  set(change: Partial<ListSettings>): void {
    this.#write(formatList({ ...this.settings, ...change }))
  }

  /** Sorts by a column. A second call reverses the order; a third restores the order of the board. */
  sortBy(column: ListColumn): void {
    const { sort } = this.settings
    if (sort?.column !== column) this.set({ sort: { column, descending: false } })
    else this.set({ sort: sort.descending ? null : { column, descending: true } })
  }

  toggleColumn(column: ListColumn): void {
    const { columns } = this.settings
    const chosen = columns.includes(column) ? columns.filter((each) => each !== column) : [...columns, column]
    this.set({ columns: chosen })
  }

  #write(change: Record<string, string>): void {
    const query = { ...this.#board.router.route.query, ...change }
    this.#board.router.replace({
      query: Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')),
    })
  }
}
