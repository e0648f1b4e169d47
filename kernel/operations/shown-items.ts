import type { OperationOutput, TaskDetail } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import { type PutRight, sentenceOf } from '../lifecycle/join.ts'
import { getTask } from '../lifecycle/moved.ts'
import * as workflowItems from '../tables/workflow-items.ts'

type Shown = OperationOutput<'task.walk'>['walks'][number]['visits'][number]['items'][number]

/** @returns the items of a visit with their cards, in the order of the list */
export function shownItems(read: Reader, visit_id: number): Shown[] {
  return read
    .all(workflowItems.ofVisit, { visit_id })
    .map(
      ({ has_branch, input, item_key, joined_at, position, put_right, state, status, task_id, title }) => ({
        key: item_key,
        position,
        state,
        task: task_id === null || title === null || status === null ? null : { id: task_id, title, status },
        joined: has_branch === 1 ? joined_at !== null : null,
        put_right: put_right === null ? null : sentenceOf(item_key, JSON.parse(put_right) as PutRight),
        input: JSON.parse(input) as never,
      }),
    )
}

/** @returns the carrier of a card that is an item, and which item the card is; null for any other card */
export function shownItemOf(read: Reader, id: string): OperationOutput<'task.walk'>['item_of'] {
  const item = read.get(workflowItems.ofTask, { task_id: id })
  if (item === undefined) return null
  const { carrier_id, item_key, state, step_key } = item
  const { title } = getTask(read, carrier_id)
  return { task_id: carrier_id, title, step: step_key, key: item_key, state }
}

/** The items of a card, and its own carrier if it is an item, for `show`. `walk` also has the inputs of items. */
export function itemsInDetail(read: Reader, id: string): Pick<TaskDetail, 'items' | 'item_of'> {
  const visit = read.get(workflowItems.lastVisitOf, { task_id: id })?.visit_id ?? null
  const of = shownItemOf(read, id)
  return {
    ...(visit === null ? {} : { items: shownItems(read, visit).map(({ input: _input, ...item }) => item) }),
    ...(of === null ? {} : { item_of: of }),
  }
}
