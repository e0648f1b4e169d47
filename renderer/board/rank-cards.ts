import type { Card, Client, Task } from '../../contract/index.ts'
import type { TaskStatus } from '../../contract/states.ts'

/** Columns that the user can order by hand. Running and finished tasks are ordered by time. */
const RANKED: readonly TaskStatus[] = ['triage', 'todo', 'ready', 'review', 'blocked']

/** A place among the cards of one column and priority, as `task.rank` takes it. */
export type Place = { before: string } | { after: string } | { place: 'first' | 'last' | 'none' }
export type Edge = 'top' | 'bottom'

export function isRanked(status: TaskStatus): boolean {
  return RANKED.includes(status)
}

/**
 * @returns the place of a card that is dropped at the edge of another card in its column. Priority comes before place, so
 *   beside a card of another priority it becomes the first or the last card of its own priority
 */
export function placeBeside(card: Card, other: Card, edge: Edge): Place {
  if (card.priority < other.priority) return { place: 'first' }
  if (card.priority > other.priority) return { place: 'last' }
  return edge === 'top' ? { before: other.id } : { after: other.id }
}

/**
 * Moves a card one step up or down among the cards of its priority.
 *
 * @param ids the cards of the column, as shown
 * @returns the new place; null if there is no next card of the same priority
 */
export function placeOneStep(ids: readonly Card[], card: Card, by: 1 | -1): Place | null {
  const other = ids[ids.findIndex(({ id }) => id === card.id) + by]
  if (other === undefined || other.priority !== card.priority) return null
  return by === 1 ? { after: other.id } : { before: other.id }
}

/**
 * @param column the cards of the column before the move
 * @returns the place that restores the present place of a card, for Undo
 */
export function backOf(column: readonly Card[], card: Card): Place {
  if (card.rank === null) return { place: 'none' }
  const index = column.findIndex(({ id }) => id === card.id)
  const next = column[index + 1]
  return next !== undefined && next.priority === card.priority ? { before: next.id } : { place: 'last' }
}

/**
 * Places cards one after the other, in their order.
 *
 * @param apply called with each task after its move
 * @throws the error of the first call that is refused
 */
export async function rankAll(
  client: Client,
  board: string,
  ids: readonly string[],
  place: Place,
  apply: (task: Task) => void,
): Promise<void> {
  let at = place
  for (const id of ids) {
    apply((await client.task.rank({ board, id, ...at })).task)
    at = { after: id }
  }
}
