import { isSatisfied, OperationError } from '../../contract/index.ts'
import type { StepOf } from '../../contract/workflow-file.ts'
import { shellWord } from '../../formats/shell-word.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as runHistory from '../tables/run-history.ts'
import * as taskLinks from '../tables/task-links.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import type { ItemRow } from '../tables/workflow-items.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import { type ItemEnd, sentenceOfItems, handoffOfItems, verdictOfItems } from '../workflow/items.ts'
import { holdTask } from './hold.ts'
import { endJoining } from './join.ts'
import { getTask } from './moved.ts'
import type { Result, StepEnd } from './visits.ts'
import { type OpenWalk, openWalkOf } from './walk.ts'
import { writeEvent } from './write-event.ts'

/**
 * The items of a map step. While the visit of the step is open, an item is open as long as its card is neither done nor
 * archived, unless a person let it go. A link makes the card at the map step (the carrier) wait for each open item.
 */

/**
 * @param openAs how an open item is shown: `let_go` for a visit that is about to end
 * @returns the state and the handoff of each item of a visit, in the order of the list
 */
export function itemEnds(reader: Reader, visit_id: number, openAs: 'open' | 'let_go' = 'open'): ItemEnd[] {
  return reader
    .all(workflowItems.ofVisit, { visit_id })
    .map(({ item_key, result, state: now, task_id, work_head }) => {
      const state = now === 'open' ? openAs : now
      const run =
        state === 'open' || task_id === null ? undefined : reader.get(runHistory.newestHandoff, { task_id })
      return {
        key: item_key,
        state,
        task_id,
        summary: run?.summary ?? result,
        metadata: run?.metadata == null ? null : (JSON.parse(run.metadata) as Record<string, unknown>),
        ...(work_head === null ? {} : { commit: work_head }),
      }
    })
}

/** @returns the end of the visit of a map step; null while an item is open, or without items */
export function endOfItems(reader: Reader, step: StepOf<'map'>, visit: VisitRow): StepEnd | null {
  const counts = reader.all(workflowItems.statesOf, { visit_id: visit.id })
  if (counts.length === 0 || counts.some(({ state }) => state === 'open')) return null
  const ends = itemEnds(reader, visit.id)
  const states = ends.map(({ state }) => state)
  const verdict = verdictOfItems(step, states)
  if (verdict === null) return null
  return { verdict, summary: sentenceOfItems(states), metadata: handoffOfItems(ends), head: visit.head_in }
}

/**
 * Adds the handoff of the items to the end of a visit. Items that are still open appear as `let_go`, because the end of the
 * visit gives them that state.
 *
 * @returns `end` itself at other steps, and when it has metadata already
 */
export function withHandoff<T extends Result>(
  reader: Reader,
  { step, visit }: Pick<OpenWalk, 'step' | 'visit'>,
  end: T,
): T {
  if (step.kind !== 'map' || end.metadata !== null) return end
  return { ...end, metadata: handoffOfItems(itemEnds(reader, visit.id, 'let_go')) }
}

/**
 * Ends the wait of a card for the items of a visit that it leaves. Items that are still open, such as when a person skips
 * the step, become `let_go`.
 *
 * @returns the handoff of the items
 */
export function leaveItems(
  tx: WriteTx,
  carrier: TaskRow,
  visit: VisitRow,
  reason: string,
): Record<string, unknown> {
  for (const item of tx.all(workflowItems.ofVisit, { visit_id: visit.id }))
    if (item.state === 'open') letGo(tx, carrier, visit, item, reason)
  tx.run(taskLinks.removeItems, { visit_id: visit.id, carrier_id: carrier.id })
  return handoffOfItems(itemEnds(tx, visit.id))
}

/**
 * Makes the carrier no longer wait for an item. The card of the item stays on the board, held: no worker starts on it until
 * a person releases it. A worker that is already running may finish.
 */
export function letGo(
  tx: WriteTx,
  carrier: TaskRow,
  visit: VisitRow,
  { item_key, task_id }: Pick<ItemRow, 'item_key' | 'task_id'>,
  reason: string,
): void {
  const key = { visit_id: visit.id, item_key }
  const isLetGo =
    tx.run(workflowItems.setState, { ...key, from: 'open', to: 'let_go' }) > 0 ||
    tx.run(workflowItems.letGoUnjoined, key) > 0
  if (!isLetGo || task_id === null)
    throw new OperationError('CONFLICT', `The item “${item_key}” of task ${carrier.id} is not open.`, {
      id: carrier.id,
      item: item_key,
    })
  tx.run(taskLinks.remove, { parent_id: task_id, child_id: carrier.id })
  const payload = { step: visit.step_key, visit: visit.visit, item: item_key, task: task_id, reason }
  writeEvent(tx, 'item_let_go', carrier.id, null, payload)
  const task = getTask(tx, task_id)
  if (!isSatisfied(task.status)) holdTask(tx, task, `no longer an item of ${carrier.id}: ${reason}`)
}

/** Opens an item again whose card is no longer done or archived, if the carrier is still at the map step. */
export function reopenItem(tx: WriteTx, task_id: string): void {
  const item = tx.get(workflowItems.ofTask, { task_id })
  if (item === undefined || item.left_at !== null) return
  // An item in the state `let_go` keeps it.
  if (tx.run(workflowItems.reopen, { visit_id: item.visit_id, item_key: item.item_key }) === 0) return
  const carrier = getTask(tx, item.carrier_id)
  // It no longer joins the work of its items, but waits for this one.
  const open = carrier.status === 'running' ? null : openWalkOf(tx, carrier)
  if (open !== null) endJoining(tx, carrier, open)
}

/**
 * Keeps the link of an item to its carrier. Without it, the carrier would not wait for a card that is reopened.
 *
 * @throws OperationError CONFLICT while the carrier is at the map step, unless the item is `let_go`
 */
export function refuseUnlinkOfItem(reader: Reader, parent_id: string, child_id: string): void {
  const item = reader.get(workflowItems.ofTask, { task_id: parent_id })
  if (item === undefined || item.carrier_id !== child_id) return
  if (item.left_at !== null || item.state === 'let_go') return
  const hint =
    item.state === 'open'
      ? `which waits for it. “runboard let-go ${child_id} ${shellWord(item.item_key)} --reason R” lets it go.`
      : `whose step “${item.step_key}” is not over.`
  throw new OperationError(
    'CONFLICT',
    `Task ${parent_id} is the item “${item.item_key}” of ${child_id}, ${hint}`,
    { id: child_id, item: item.item_key },
  )
}
