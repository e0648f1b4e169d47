import { hasEnded } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { getTask } from './moved.ts'
import { proposalSentence, proposedFields } from './propose.ts'
import { refuseVerb } from './transition.ts'
import { writeEvent } from './write-event.ts'

/** A retry ends a hold, but accepts no command that a planner proposed. */
export function releaseFromHold(tx: WriteTx, task: TaskRow): void {
  if (task.proposed_fields === null) releaseTask(tx, task)
}

/** Parks a task until a person releases it. The open items of a card at a map step wait with it. */
export function holdTask(tx: WriteTx, task: TaskRow, reason: string | null): TaskRow {
  if (hasEnded(task)) throw refuseVerb(task, 'held')
  holdItems(tx, task.id)
  if (task.held === 1) return task
  tx.returning(tasks.setHeld, { id: task.id, held: 1, reason, now: tx.now })
  writeEvent(tx, 'held', task.id, null, reason === null ? null : { reason })
  return getTask(tx, task.id)
}

/** @returns the reason for holding an item because its carrier is held. `releaseItems` finds such holds by this text. */
export function waitsWith(carrierId: string): string {
  return `waits with ${carrierId}, whose item it is`
}

/** Parks the open items of a card at a map step, and the items of those, until `releaseItems`. */
export function holdItems(tx: WriteTx, carrierId: string): void {
  for (const item of tx.all(workflowItems.openCardsOf, { carrier_id: carrierId }))
    holdTask(tx, item, waitsWith(carrierId))
}

/**
 * Releases the items that are held because of their carrier. If a planner proposed a command or a folder for an item that
 * the carrier no longer has, the person has not seen it: the item stays held until a person accepts it.
 */
export function releaseItems(tx: WriteTx, { id, verify_command, workspace_path }: TaskRow): void {
  for (const item of tx.all(workflowItems.openCardsOf, { carrier_id: id })) {
    if (item.held_reason !== waitsWith(id)) continue
    const isSeen =
      item.verify_command === verify_command &&
      (item.workspace_kind !== 'dir' || item.workspace_path === workspace_path)
    if (item.proposed_fields === null || isSeen) releaseTask(tx, item)
    else {
      const reason = proposalSentence(item, proposedFields(item))
      tx.returning(tasks.setHeld, { id: item.id, held: 1, reason, now: tx.now })
      writeEvent(tx, 'held', item.id, null, { reason, proposed: proposedFields(item) })
    }
  }
}

/**
 * Releases a held task, and accepts what a planner proposed for it. The items that wait with it are released too. A task
 * that is not held is unchanged.
 */
export function releaseTask(tx: WriteTx, task: TaskRow): TaskRow {
  if (task.held === 0) return task
  const accepted = proposedFields(task)
  if (accepted.length > 0)
    tx.returning(tasks.setProposed, { id: task.id, proposed_fields: null, now: tx.now })
  tx.returning(tasks.setHeld, { id: task.id, held: 0, reason: null, now: tx.now })
  writeEvent(tx, 'released', task.id, null, accepted.length > 0 ? { accepted } : null)
  releaseItems(tx, task)
  return getTask(tx, task.id)
}
