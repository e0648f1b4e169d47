import type { Card, Client } from '../../contract/index.ts'
import type { TaskStatus } from '../../contract/states.ts'
import { announce } from '../shared/announce.svelte.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { words } from '../shared/tones.ts'
import type { BoardPrefs } from './board-prefs.svelte.ts'
import type { BoardStore } from './board-store.svelte.ts'
import { backOf, type Edge, isRanked, type Place, placeBeside, placeOneStep, rankAll } from './rank-cards.ts'
import type { BoardWalk } from './walk.svelte.ts'

/** The parts of the board that ordering needs. */
interface RankingBoard {
  readonly client: Client
  readonly store: BoardStore
  readonly prefs: BoardPrefs
  readonly walk: BoardWalk
  readonly list: { readonly on: boolean }
  cards(ids: readonly string[]): Card[]
  shownIds(status: TaskStatus): readonly string[]
}

/** Orders the cards of a column by hand: by drag, and one step at a time by keyboard. */
export class BoardRanking {
  readonly #board: RankingBoard
  /** The card, and its edge, at which the dragged cards would land. */
  target = $state.raw<{ id: string; edge: Edge } | null>(null)

  constructor(board: RankingBoard) {
    this.#board = board
  }

  /** Whether these cards can be placed beside this one. */
  canPlace(ids: readonly string[], beside: Card): boolean {
    const { status } = beside
    const isByHand = (this.#board.prefs.sorts[status] ?? 'rank') === 'rank'
    const cards = this.#board.cards(ids)
    return (
      isByHand &&
      isRanked(status) &&
      !ids.includes(beside.id) &&
      cards.every((each) => each.status === status)
    )
  }

  /** Places cards at the edge of another card, with Undo. Only those of the first card's priority move. */
  async drop(ids: readonly string[], beside: Card, edge: Edge): Promise<void> {
    const column = this.#column(beside)
    const moving = column.filter(({ id }) => ids.includes(id))
    const [first] = moving
    if (first === undefined) return
    const same = moving.filter(({ priority }) => priority === first.priority)
    const what = same.length === 1 ? `“${first.title}”` : `${same.length} tasks`
    await this.#rank(
      column,
      same,
      placeBeside(first, beside, edge),
      `Moved within ${words(first.status)}: ${what}`,
    )
  }

  /** Moves the current card one step; the focus stays on it. */
  async step(by: 1 | -1): Promise<void> {
    const id = this.#board.walk.current
    const card = id === null ? undefined : this.#board.store.card(id)
    if (card === undefined) return
    const isByHand = (this.#board.prefs.sorts[card.status] ?? 'rank') === 'rank'
    if (!isRanked(card.status) || !isByHand || this.#board.list.on) {
      announce('This column is not ordered by hand')
      return
    }
    const column = this.#column(card)
    const place = placeOneStep(column, card, by)
    if (place === null) {
      announce(`It is the ${by === 1 ? 'last' : 'first'} of its priority`)
      return
    }
    if (!(await this.#rank(column, [card], place, null))) return
    const now = this.#board.shownIds(card.status)
    announce(`${now.indexOf(card.id) + 1} of ${now.length} in ${words(card.status)}: ${card.title}`)
    await this.#board.walk.goTo(card.id)
  }

  async #rank(
    column: readonly Card[],
    moving: readonly Card[],
    place: Place,
    notice: string | null,
  ): Promise<boolean> {
    const { client, store } = this.#board
    const back = moving.map((card) => ({ id: card.id, place: backOf(column, card) })).reverse()
    const apply = (task: Parameters<typeof store.applyTask>[0]) => store.applyTask(task)
    const ids = moving.map(({ id }) => id)
    try {
      await rankAll(client, store.slug, ids, place, apply)
    } catch (error) {
      toasts.fail(error, 'It was not moved')
      return false
    }
    const run = async () => {
      for (const each of back) await rankAll(client, store.slug, [each.id], each.place, apply)
    }
    if (notice !== null) toasts.show(notice, { action: { label: 'Undo', run } })
    return true
  }

  #column(card: Card): Card[] {
    return this.#board.cards(this.#board.shownIds(card.status))
  }
}
