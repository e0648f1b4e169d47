import { TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { COLUMN_SORTS, type ColumnSort } from './card-order.ts'

type Of<T> = Readonly<Partial<Record<TaskStatus, T>>>

/** How the user has arranged one board; kept in this app or browser. */
export class BoardPrefs {
  /** Columns that the user has folded, or opened although they are empty. */
  folded = $state.raw<Of<boolean>>({})
  /** Columns that show only titles. */
  narrow = $state.raw<Of<boolean>>({})
  /** The order that the user chose for a column; without one, the board's own order applies. */
  sorts = $state.raw<Of<ColumnSort>>({})
  /** Whether the Running column is split into a lane for each profile. */
  lanes = $state(false)
  readonly #key: string

  constructor(board: string) {
    this.#key = `runboard:board:${board}`
    this.#restore()
  }

  fold(status: TaskStatus, folded: boolean): void {
    this.folded = { ...this.folded, [status]: folded }
    this.#keep()
  }

  setNarrow(status: TaskStatus, narrow: boolean): void {
    this.narrow = { ...this.narrow, [status]: narrow }
    this.#keep()
  }

  sort(status: TaskStatus, sort: ColumnSort): void {
    this.sorts = { ...this.sorts, [status]: sort }
    this.#keep()
  }

  setLanes(lanes: boolean): void {
    this.lanes = lanes
    this.#keep()
  }

  #keep(): void {
    const { folded, narrow, sorts, lanes } = this
    localStorage.setItem(this.#key, JSON.stringify({ folded, narrow, sorts, lanes }))
  }

  #restore(): void {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? '{}')
      if (typeof kept !== 'object' || kept === null) return
      const isFlag = (value: unknown) => typeof value === 'boolean'
      const isSort = (value: unknown) => COLUMN_SORTS.some((sort) => sort === value)
      if ('folded' in kept) this.folded = valid<boolean>(kept.folded, isFlag)
      if ('narrow' in kept) this.narrow = valid<boolean>(kept.narrow, isFlag)
      if ('sorts' in kept) this.sorts = valid<ColumnSort>(kept.sorts, isSort)
      if ('lanes' in kept) this.lanes = kept.lanes === true
    } catch {
      localStorage.removeItem(this.#key) // not our format, or from another version
    }
  }
}

function valid<T>(kept: unknown, isValid: (value: unknown) => boolean): Of<T> {
  if (typeof kept !== 'object' || kept === null) return {}
  const isColumn = (name: string) => TASK_STATUSES.some((status) => status === name)
  const entries = Object.entries(kept as Record<string, T>)
  return Object.fromEntries(entries.filter(([name, value]) => isColumn(name) && isValid(value)))
}
