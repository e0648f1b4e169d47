export interface SavedView {
  name: string
  query: Record<string, string>
}

/** Filters with a name, a board's own, kept in this window's profile. */
export class SavedViewList {
  list = $state.raw<readonly SavedView[]>([])
  readonly #key: string

  constructor(board: string) {
    this.#key = `runboard:views:${board}`
    this.list = read(this.#key)
  }

  /** A view of the same name is replaced. */
  save(name: string, query: Readonly<Record<string, string>>): void {
    this.#write([...this.list.filter((view) => view.name !== name), { name, query: { ...query } }])
  }

  remove(name: string): void {
    this.#write(this.list.filter((view) => view.name !== name))
  }

  #write(list: readonly SavedView[]): void {
    this.list = list
    localStorage.setItem(this.#key, JSON.stringify(list))
  }
}

function read(key: string): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isView) : []
  } catch {
    return [] // not ours, or from another time
  }
}

function isView(value: unknown): value is SavedView {
  return typeof value === 'object' && value !== null && 'name' in value && 'query' in value
}
