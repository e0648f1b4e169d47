import { MERGE_PROFILE, WORKFLOW_LIMITS } from '../../contract/workflow-kinds.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as tasks from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import type { ItemRow } from '../tables/workflow-items.ts'
import { itemsVisitOf, type VisitRow } from '../tables/workflow-runs.ts'
import { graphOf } from '../workflow/graph.ts'
import { isChosenFrom, joinOrder } from '../workflow/joins.ts'
import { type MergeRecord, recordMerge } from './merge.ts'
import { getTask } from './moved.ts'
import { moveTask, runnableStatus } from './transition.ts'
import { assigneeAfter, type OpenWalk } from './walk.ts'
import { writeEvent } from './write-event.ts'

/**
 * Records how the branches of the items of a map step are joined, once all items are over. A run of the reserved profile for
 * merges joins them into the branch of the carrier, one after the other, and records each here at once. The visit of the map
 * ends when no branch is left.
 */

/** Why joining sent an item back. */
export interface PutRight {
  why: 'conflict' | 'check_failed'
  /** The branch of the carrier. */
  branch: string
  /** The files in conflict. */
  files: string[]
  /** The end of the output of the check. */
  output: string | null
}

/** An item whose work waits to be joined. */
export interface ToJoin {
  item: ItemRow
  /** The keys of the items that it comes after. */
  after: string[]
  /** The commit that stood for its work when items after it began from that; null when none comes after it. */
  begun_from: string | null
}

/** @returns the items whose work waits to be joined, in the order of joining */
export function itemsToJoin(
  reader: Reader,
  { step, visit, walk }: Pick<OpenWalk, 'step' | 'visit' | 'walk'>,
): ToJoin[] {
  if (step.kind !== 'map' || isChosenFrom(walk.definition, step.key)) return []
  const waiting = reader.all(workflowItems.toJoin, { visit_id: visit.id })
  if (waiting.length === 0) return []
  const keys = new Set(waiting.map(({ item_key }) => item_key))
  const all = joinOrder(step, reader.all(workflowItems.ofVisit, { visit_id: visit.id }))
  const followed = new Set(all.flatMap(({ after }) => after))
  return all
    .filter(({ item }) => keys.has(item.item_key))
    .map(({ after, item }) => ({
      item,
      after,
      begun_from: followed.has(item.item_key) ? item.work_head : null,
    }))
}

/** Makes a card whose items are all over ready for the run that joins their work. */
export function beginJoin(tx: WriteTx, carrier: TaskRow): TaskRow {
  tx.returning(tasks.setStep, { ...carrier, assignee: MERGE_PROFILE, now: tx.now })
  tx.run(tasks.setFailures, { id: carrier.id, failures: 0, error: null })
  const runnable = runnableStatus(tx, carrier.id)
  const now = getTask(tx, carrier.id)
  // If it also waits for another card, the end of that card makes it ready.
  return runnable === now.status ? now : moveTask(tx, now, runnable, 'advance')
}

/** Gives a card that no longer joins the work of its items its own assignee back. Other cards stay as they are. */
export function endJoining(
  tx: WriteTx,
  task: TaskRow,
  { row, visit, walk }: Pick<OpenWalk, 'row' | 'visit' | 'walk'>,
): TaskRow {
  const { steps } = graphOf(walk.definition)
  if (task.assignee !== MERGE_PROFILE || steps.get(visit.step_key)?.kind !== 'map') return task
  tx.returning(tasks.setStep, { ...task, assignee: assigneeAfter(task, row), now: tx.now })
  return getTask(tx, task.id)
}

/** An item of a visit, for the verbs below. */
export interface Joining {
  carrier: TaskRow
  visit: VisitRow
  item: Pick<ItemRow, 'item_key' | 'task_id'>
}

/**
 * Records that the work of an item is in the branch of its carrier.
 *
 * @param merge null when there was nothing to join
 * @param which `also_again` for an item that an earlier walk of the carrier may have joined into another branch
 * @returns false when the item is open again, or is joined already
 */
export function recordJoined(
  tx: WriteTx,
  { carrier, item, visit }: Joining,
  merge: (MergeRecord & { commit: string }) | null,
  which: 'not_joined' | 'also_again' = 'not_joined',
): boolean {
  const key = { visit_id: itemsVisitOf(visit), item_key: item.item_key }
  const joined = { joined_commit: merge?.commit ?? null, now: tx.now, again: which === 'also_again' ? 1 : 0 }
  if (tx.run(workflowItems.setJoined, { ...key, ...joined }) === 0) return false
  if (merge === null || item.task_id === null) return true
  recordMerge(tx, getTask(tx, item.task_id), merge, 'merge')
  writeEvent(tx, 'item_joined', carrier.id, null, {
    step: visit.step_key,
    visit: visit.visit,
    item: item.item_key,
    task: item.task_id,
    into: merge.into,
    commit: merge.commit,
  })
  return true
}

/** @returns whether joining has sent an item back as often as it may */
export function isSentBackOften({ sent_back }: Pick<ItemRow, 'sent_back'>): boolean {
  return sent_back >= WORKFLOW_LIMITS.sent_back
}

/** @returns a sentence for people about a conflict or a failed check */
export function sentenceOf(key: string, { branch, files, output, why }: PutRight): string {
  if (why === 'conflict') {
    const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
    return `The work of the item “${key}” conflicts with ${branch} in ${files.slice(0, 3).join(', ')}${more}.`
  }
  const lines = (output ?? '').trim().split('\n')
  const said = (lines.at(-1) ?? '').slice(0, 300)
  return `The check failed with the work of the item “${key}” in ${branch}${said === '' ? '.' : `: ${said}`}`
}
