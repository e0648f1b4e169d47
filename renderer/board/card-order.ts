import type { Card } from '../../contract/index.ts'
import type { TaskStatus } from '../../contract/states.ts'
import { compareNaturally } from '../shared/natural-order.ts'

export type CardOrder = (a: Card, b: Card) => number

const byPriority: CardOrder = (a, b) => b.priority - a.priority
const byId: CardOrder = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Compares by the first order that tells two cards apart, and at last by id, so that the order is always defined. */
function inOrder(...orders: readonly CardOrder[]): CardOrder {
  return (a, b) => {
    for (const order of orders) {
      const result = order(a, b)
      if (result !== 0) return result
    }
    return byId(a, b)
  }
}

/** Compares without subtracting: both may be infinite, and their difference is NaN. */
const compareNumbers = (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0)
const oldestFirst =
  (time: (card: Card) => number): CardOrder =>
  (a, b) =>
    compareNumbers(time(a), time(b))
/** By the place that a person gave it, else by this key; both are on one scale, as in the kernel's `tasks.ofPriority`. */
const byPlace =
  (key: (card: Card) => number): CardOrder =>
  (a, b) =>
    (a.rank ?? key(a)) - (b.rank ?? key(b))
const newestFirst =
  (time: (card: Card) => number): CardOrder =>
  (a, b) =>
    time(b) - time(a)

/** The order of each column: what is next comes first. `ready` is in the order in which it will be claimed. */
export const CARD_ORDERS: Record<TaskStatus, CardOrder> = {
  triage: inOrder(
    byPriority,
    byPlace((card) => -card.created_at),
  ),
  todo: inOrder(
    byPriority,
    byPlace((card) => card.created_at),
  ),
  ready: inOrder(
    byPriority,
    byPlace((card) => card.ready_at ?? card.created_at),
  ),
  running: inOrder(
    byPriority,
    oldestFirst((card) => card.run_started_at ?? card.updated_at),
  ),
  review: inOrder(
    byPriority,
    byPlace((card) => stateSince(card)),
  ),
  blocked: inOrder(
    byPriority,
    byPlace((card) => stateSince(card)),
  ),
  done: inOrder(newestFirst((card) => stateSince(card))),
  archived: inOrder(newestFirst((card) => card.updated_at)),
}

/** How a column can be sorted: in the board's own order, or by one property. */
export const COLUMN_SORTS = ['rank', 'age', 'due', 'title'] as const
export type ColumnSort = (typeof COLUMN_SORTS)[number]

/** The orders that do not depend on the column: longest in its state first, due soonest first, by title. */
export const SORT_ORDERS: Record<Exclude<ColumnSort, 'rank'>, CardOrder> = {
  age: inOrder(oldestFirst((card) => stateSince(card))),
  due: inOrder(
    oldestFirst((card) => card.due_at ?? Infinity),
    byPriority,
  ),
  title: inOrder((a, b) => compareNaturally(a.title, b.title)),
}

/** @returns since when the card has been in its status, as far as its fields show */
export function stateSince(card: Card): number {
  if (card.status === 'ready') return card.ready_at ?? card.updated_at
  if (card.status === 'running') return card.run_started_at ?? card.updated_at
  if (card.status === 'done') return card.completed_at ?? card.updated_at
  if (card.status === 'triage' || card.status === 'todo') return card.created_at
  return card.updated_at
}

/**
 * @param ids sorted by `compare`
 * @returns the index at which `id` belongs
 */
export function insertionIndex(
  ids: readonly string[],
  id: string,
  compare: (a: string, b: string) => number,
): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(ids[middle] as string, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}
