import type { Card, OperationOutput } from '../../contract/index.ts'
import { TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { CARD_ORDERS, insertionIndex } from './card-order.ts'

/** One card as a separate signal: its change re-renders only the parts of the page that show this card. */
export class CardCell {
  card: Card
  constructor(card: Card) {
    this.card = $state.raw(card)
  }
}

export class Column {
  readonly status: TaskStatus
  /** The loaded ids, in order. */
  ids = $state.raw<readonly string[]>([])
  /** The number of cards, loaded or not. */
  count = $state(0)
  constructor(status: TaskStatus) {
    this.status = status
  }
}

/** The loaded cards of a board, in the order of their columns. `BoardStore` reads them. */
export abstract class LoadedCards {
  readonly columns = Object.fromEntries(
    TASK_STATUSES.map((status) => [status, new Column(status)]),
  ) as Record<TaskStatus, Column>
  showsArchived = $state(false)
  /** Counts the applied changes. Read it to depend on many cards without tracking each one. */
  revision = $state(0)
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- each cell is a signal; `revision` tracks the map
  readonly #cells = new Map<string, CardCell>()

  cell(id: string): CardCell | undefined {
    return this.#cells.get(id)
  }

  card(id: string): Card | undefined {
    const cell = this.#cells.get(id)
    if (cell === undefined) void this.revision // so that a reader is notified when the card is loaded
    return cell?.card
  }

  /** Every loaded card. Not tracked: read `revision` too. */
  *cards(): Generator<Card> {
    for (const cell of this.#cells.values()) yield cell.card
  }

  get taskCount(): number {
    return TASK_STATUSES.reduce((sum, status) => sum + this.columns[status].count, 0)
  }

  /** Replaces all cards; a card that was loaded before keeps its signal. */
  protected fill(view: OperationOutput<'board.view'>): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this call
    const known = new Map(this.#cells)
    this.#cells.clear()
    for (const status of TASK_STATUSES) {
      const shown = view.columns.find((candidate) => candidate.status === status)
      const cards = [...(shown?.cards ?? [])].sort(CARD_ORDERS[status])
      for (const card of cards) this.#cells.set(card.id, renewed(known.get(card.id), card))
      this.columns[status].ids = cards.map((card) => card.id)
      this.columns[status].count = shown?.count ?? view.board.counts[status]
    }
    this.revision++
  }

  /** Moves changed cards to their places, and removes others. */
  protected take({ cards, removed }: { cards: readonly Card[]; removed: readonly string[] }): void {
    if (cards.length === 0 && removed.length === 0) return
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this call
    const changed = new Map<TaskStatus, string[]>()
    const editable = (status: TaskStatus): string[] => {
      const known = changed.get(status) ?? [...this.columns[status].ids]
      changed.set(status, known)
      return known
    }
    for (const id of removed) this.#leave(id, editable)
    for (const card of cards) this.#place(card, editable)
    for (const [status, ids] of changed) this.columns[status].ids = ids
    this.revision++
  }

  #leave(id: string, editable: (status: TaskStatus) => string[]): void {
    const cell = this.#cells.get(id)
    if (cell === undefined) return
    this.#cells.delete(id)
    const ids = editable(cell.card.status)
    const index = ids.indexOf(id)
    if (index >= 0) ids.splice(index, 1)
  }

  #place(card: Card, editable: (status: TaskStatus) => string[]): void {
    const cell = this.#cells.get(card.id)
    const order = CARD_ORDERS[card.status]
    if (card.status === 'archived' && !this.showsArchived) return this.#leave(card.id, editable)
    if (cell !== undefined && cell.card.status === card.status && order(cell.card, card) === 0) {
      cell.card = card
      return
    }
    if (cell !== undefined) {
      const from = editable(cell.card.status)
      const index = from.indexOf(card.id)
      if (index >= 0) from.splice(index, 1)
      cell.card = card
    } else this.#cells.set(card.id, new CardCell(card))
    const to = editable(card.status)
    const compare = (a: string, b: string) => order(this.#known(a), this.#known(b))
    to.splice(insertionIndex(to, card.id, compare), 0, card.id)
  }

  #known(id: string): Card {
    const cell = this.#cells.get(id)
    if (cell === undefined) throw new Error(`Card ${id} is in a column, but not loaded`)
    return cell.card
  }
}

/** Reuses the signal of a loaded card, so that the elements that show it are kept. */
function renewed(cell: CardCell | undefined, card: Card): CardCell {
  if (cell === undefined) return new CardCell(card)
  cell.card = card
  return cell
}
