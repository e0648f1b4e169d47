/** An item of a list that is being edited. Its id stays when it is moved. */
export interface Row {
  id: number
  value: unknown
}

/** A list that is being edited. */
export class Rows {
  list = $state.raw<readonly Row[]>([])
  /** The row whose fields are shown. */
  open = $state<number | null>(null)
  readonly #original: readonly unknown[]
  #next = 0

  /** @param original the list before any edit */
  constructor(original: readonly unknown[], now: readonly unknown[] = original) {
    this.#original = original
    this.set(now)
  }

  get values(): unknown[] {
    return this.list.map(({ value }) => value)
  }

  get isChanged(): boolean {
    return JSON.stringify(this.values) !== JSON.stringify(this.#original)
  }

  set(values: readonly unknown[]): void {
    this.list = values.map((value) => ({ id: this.#next++, value }))
    this.open = null
  }

  /** Undoes all changes. */
  reset(): void {
    this.set(this.#original)
  }

  /** @returns the id of the new row, which is last */
  add(value: unknown): number {
    const id = this.#next++
    this.list = [...this.list, { id, value }]
    this.open = id
    return id
  }

  change(id: number, value: unknown): void {
    this.list = this.list.map((row) => (row.id === id ? { id, value } : row))
  }

  /** @returns the id of the row that takes its place, or of the last row; null for an empty list */
  remove(id: number): number | null {
    const at = this.list.findIndex((row) => row.id === id)
    this.list = this.list.filter((row) => row.id !== id)
    return (this.list[at] ?? this.list.at(-1))?.id ?? null
  }

  /** @returns whether it could be moved */
  move(id: number, by: 1 | -1): boolean {
    const at = this.list.findIndex((row) => row.id === id)
    const moved = [...this.list]
    const [row] = moved.splice(at, 1)
    const to = at + by
    if (row === undefined || to < 0 || to > moved.length) return false
    moved.splice(to, 0, row)
    this.list = moved
    return true
  }
}
