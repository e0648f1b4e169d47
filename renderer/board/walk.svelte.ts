import { tick } from 'svelte'
import { SvelteSet } from 'svelte/reactivity'

/** A column as the keyboard sees it: its cards, and how to scroll one into view. */
export interface WalkColumn {
  /** The column's position on the screen, from the left. */
  place: number
  ids: () => readonly string[]
  scrollTo: (index: number) => void
}

export type Direction = 'up' | 'down' | 'left' | 'right' | 'first' | 'last'

/** How many frames to wait at most for a card to be drawn. */
const REVEAL_FRAMES = 60

/** The keyboard position on the board, and the selection. Tab can reach one card at a time. */
export class BoardWalk {
  current = $state<string | null>(null)
  readonly selected = new SvelteSet<string>()
  #anchor: string | null = null
  #columns: WalkColumn[] = []

  /** @returns a function that removes the column */
  add(column: WalkColumn): () => void {
    this.#columns = [...this.#columns, column]
    return () => {
      this.#columns = this.#columns.filter((candidate) => candidate !== column)
    }
  }

  get #shown(): WalkColumn[] {
    return this.#columns.filter((column) => column.ids().length > 0).sort((a, b) => a.place - b.place)
  }

  /** Moves from the current card; with `extend` it selects everything between the start and the new card. */
  step(direction: Direction, extend = false): void {
    const columns = this.#shown
    const at = this.#position(columns)
    const target = at === null ? columns[0]?.ids()[0] : next(columns, at, direction)
    if (target === undefined) return
    if (extend) this.#extendTo(target)
    else this.#anchor = target
    void this.goTo(target)
  }

  /** Moves from the filter into the cards: to the current one if it is still there, else to the first. */
  enter(): void {
    const columns = this.#shown
    const target = this.#position(columns) === null ? columns[0]?.ids()[0] : this.current
    if (target !== undefined && target !== null) void this.goTo(target)
  }

  /** Makes the card current, scrolls it into view and focuses it, unless another element takes the focus meanwhile. */
  async goTo(id: string): Promise<void> {
    this.current = id
    const focused = document.activeElement
    for (const column of this.#columns) {
      const index = column.ids().indexOf(id)
      if (index >= 0) column.scrollTo(index)
    }
    // The virtual list needs a frame to render the card.
    await tick()
    requestAnimationFrame(() => {
      if (this.current !== id) return
      const now = document.activeElement
      const isFree = now === focused || now === document.body
      const element = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)
      if (isFree) element?.focus({ preventScroll: true })
      element?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    })
  }

  /**
   * Scrolls the card of an opened task into view, without moving the focus. Waits some frames, because the cards may not
   * be drawn yet when the window opens.
   */
  async reveal(id: string): Promise<void> {
    for (let frame = 0; frame < REVEAL_FRAMES; frame++) {
      for (const column of this.#columns) {
        const index = column.ids().indexOf(id)
        if (index >= 0) column.scrollTo(index)
      }
      await new Promise(requestAnimationFrame)
      const element = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)
      if (element === null) continue
      element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      return
    }
  }

  toggle(id: string): void {
    if (!this.selected.delete(id)) this.selected.add(id)
    this.#anchor = id
  }

  /** Selects all cards between the last one chosen and this one, if both are in one column. */
  extendTo(id: string): void {
    this.#extendTo(id)
    this.current = id
  }

  selectAll(ids: readonly string[]): void {
    for (const id of ids) this.selected.add(id)
  }

  clear(): void {
    this.selected.clear()
  }

  /** Removes what no longer exists. */
  keep(exists: (id: string) => boolean): void {
    for (const id of this.selected) if (!exists(id)) this.selected.delete(id)
  }

  /** What a verb acts on: the selection, else the current card. */
  get targets(): readonly string[] {
    if (this.selected.size > 0) return [...this.selected]
    return this.current === null ? [] : [this.current]
  }

  #extendTo(id: string): void {
    const from = this.#anchor ?? this.current ?? id
    this.#anchor = from
    for (const column of this.#columns) {
      const ids = column.ids()
      const a = ids.indexOf(from)
      const b = ids.indexOf(id)
      if (b < 0) continue
      const range = a < 0 ? [id] : ids.slice(Math.min(a, b), Math.max(a, b) + 1)
      this.selectAll(range)
    }
  }

  #position(columns: readonly WalkColumn[]): Position | null {
    if (this.current === null) return null
    for (const [column, { ids }] of columns.entries()) {
      const row = ids().indexOf(this.current)
      if (row >= 0) return { column, row }
    }
    return null
  }
}

interface Position {
  column: number
  row: number
}

function next(columns: readonly WalkColumn[], at: Position, direction: Direction): string | undefined {
  const ids = columns[at.column]?.ids() ?? []
  switch (direction) {
    case 'up':
      return ids[Math.max(0, at.row - 1)]
    case 'down':
      return ids[Math.min(ids.length - 1, at.row + 1)]
    case 'first':
      return ids[0]
    case 'last':
      return ids[ids.length - 1]
    case 'left':
    case 'right': {
      const beside = columns[at.column + (direction === 'left' ? -1 : 1)]?.ids()
      return beside?.[Math.min(at.row, beside.length - 1)]
    }
  }
}
