import type { Card, Client, Task } from '../../contract/index.ts'
import type { TaskStatus } from '../../contract/states.ts'

/** Columns with an order by hand. Running and finished tasks are in the order of their times. */
const RANKED: readonly TaskStatus[] = ['triage', 'todo', 'ready', 'review', 'blocked']

/** A place among the cards of one column and priority, as `task.rank` takes it. */
export type Place = { before: string } | { after: string } | { place: 'first' | 'last' | 'none' }
export type Edge = 'top' | 'bottom'

export function isRanked(status: TaskStatus): boolean {
  return RANKED.includes(status)
}

/**
 * Where a card goes that is dropped at the edge of another one of its column. Priority comes before place, so beside a
 * card of another priority it is the first or the last of its own.
 */
export function placeBeside(card: Card, other: Card, edge: Edge): Place {
  if (card.priority < other.priority) return { place: 'first' }
  if (card.priority > other.priority) return { place: 'last' }
  return edge === 'top' ? { before: other.id } : { after: other.id }
}

/**
 * One step up or down among the cards of the same priority.
 *
 * @param ids the column as it is shown
 * @returns null at the end of them
 */
export function placeOneStep(ids: readonly Card[], card: Card, by: 1 | -1): Place | null {
  const other = ids[ids.findIndex(({ id }) => id === card.id) + by]
  if (other === undefined || other.priority !== card.priority) return null
  return by === 1 ? { after: other.id } : { before: other.id }
}

/**
 * The place that puts a card back where it stands now.
 *
 * @param column its cards as they stand, before anything moves
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
 * @param apply gets each task as it is now
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
