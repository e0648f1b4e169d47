import { isSatisfied, OperationError } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { getTask } from './moved.ts'
import { refuseVerb, requireTask } from './transition.ts'
import { writeEvent } from './write-event.ts'

/** Where a task is to stand; exactly one is given. */
export interface Place {
  before?: string | undefined
  after?: string | undefined
  place?: 'first' | 'last' | 'none' | undefined
}

interface Ranked {
  id: string
  key: number
}

/**
 * Gives a task a place among the tasks of its column and priority. The dispatcher claims them in this order.
 *
 * A place is a key between those of its neighbours, so normally only this task is written. Where both neighbours have the
 * same key, as tasks created in the same millisecond have, their keys are spread first.
 *
 * @throws OperationError CONFLICT when its column has no order by hand, or its neighbour is in another column or has
 * another priority
 */
export function rankTask(tx: WriteTx, task: TaskRow, place: Place): TaskRow {
  if (Object.values(place).filter((value) => value !== undefined).length !== 1) {
    throw new OperationError('INVALID_INPUT', 'Pass one of: before, after, place.')
  }
  if (isSatisfied(task.status) || task.status === 'running') throw refuseVerb(task, 'ranked')
  const rank = place.place === 'none' ? null : keyAt(tx, task, place)
  if (rank === task.rank) return task
  tx.returning(tasks.setRank, { id: task.id, rank })
  writeEvent(tx, 'ranked', task.id, null, { ...place })
  return getTask(tx, task.id)
}

function keyAt(tx: WriteTx, task: TaskRow, place: Place): number {
  const others = tx
    .all(tasks.ofPriority, { status: task.status, priority: task.priority })
    .filter(({ id }) => id !== task.id)
  const index = indexOf(tx, task, others, place)
  const [above, below] = [others[index - 1], others[index]]
  if (above === undefined) return below === undefined ? tx.now : below.key - 1
  if (below === undefined) return above.key + 1
  const between = (above.key + below.key) / 2
  if (between > above.key && between < below.key) return between
  return spread(tx, others, index)
}

function indexOf(tx: WriteTx, task: TaskRow, others: readonly Ranked[], place: Place): number {
  if (place.place === 'first') return 0
  if (place.place === 'last') return others.length
  const beside = place.before ?? place.after ?? ''
  const index = others.findIndex(({ id }) => id === beside)
  if (index >= 0) return place.before === undefined ? index + 1 : index
  const other = requireTask(tx, beside)
  const why =
    other.id === task.id
      ? `Task ${task.id} cannot be placed beside itself.`
      : `Task ${other.id} is in ${other.status} with priority ${other.priority}, and ${task.id} in ${task.status} with priority ${task.priority}: only tasks of one column and priority can be ranked.`
  throw new OperationError('CONFLICT', why, { id: task.id })
}

/**
 * Moves the tasks above a place up until there is room for one key: a rare case, so all of those that are too close are
 * written.
 *
 * @returns the free key
 */
function spread(tx: WriteTx, others: readonly Ranked[], index: number): number {
  const below = others[index] as Ranked
  const free = below.key - 1
  let limit = free
  for (const other of others.slice(0, index).reverse()) {
    if (other.key < limit) break
    limit -= 1
    tx.returning(tasks.setRank, { id: other.id, rank: limit })
    writeEvent(tx, 'ranked', other.id, null, { before: below.id })
  }
  return free
}
