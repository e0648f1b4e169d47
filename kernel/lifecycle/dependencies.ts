import { plural } from '../../formats/count.ts'
import { isSatisfied, OperationError } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { askApproval, waitsForApproval } from './ask-approval.ts'
import { refuseUnlinkOfItem } from './items.ts'
import { moveTask, requireTask } from './transition.ts'
import { waitsAtMap } from './walk.ts'
import { writeEvent } from './write-event.ts'

/**
 * Makes ready the tasks that waited only for this one. Looks only at its children, so the cost does not grow with the
 * board.
 *
 * @param parentId a task that has just been done, archived or unlinked
 * @returns ids of the tasks that are ready now
 */
export function promoteChildren(tx: WriteTx, parentId: string): string[] {
  // The items of a card at a map step decide when it continues, not its links.
  const waiting = tx.all(taskLinks.promotableChildrenOf, { id: parentId })
  const children = waiting.filter((child) => !waitsAtMap(tx, child))
  for (const child of children) promoteTask(tx, child, parentId)
  return children.map((child) => child.id)
}

/** Makes one waiting task ready, if no parent is open any more. */
export function promoteIfSatisfied(tx: WriteTx, id: string, cause: string): void {
  const task = requireTask(tx, id)
  if (task.status !== 'todo' || tx.all(taskLinks.openParentsOf, { id }).length > 0) return
  if (waitsAtMap(tx, task)) return
  promoteTask(tx, task, cause)
}

function promoteTask(tx: WriteTx, task: TaskRow, cause: string): void {
  const ready = moveTask(tx, task, 'ready', 'parents_satisfied')
  writeEvent(tx, 'promoted', task.id, null, { parent: cause })
  if (waitsForApproval(tx, ready)) askApproval(tx, ready, null)
  else finishIfPlanned(tx, ready)
}

/**
 * An idea whose plan was accepted is finished by its parts: it has no assignee, so in *ready* it would wait for ever.
 * With an assignee it runs, to bring the parts together. If it is held, or none of its parts is done (they were
 * archived), it stays for a person to decide.
 */
function finishIfPlanned(tx: WriteTx, task: TaskRow): void {
  if (task.assignee !== null || task.held === 1 || task.workflow_run_id !== null) return
  if (tx.get(taskEvents.acceptedPlanOf, { task_id: task.id }) === undefined) return
  const done = tx.all(taskLinks.parentsOf, { id: task.id }).filter(({ status }) => status === 'done')
  if (done.length === 0) return
  const summary = plural(
    done.length,
    'Its planned task is done.',
    `All ${done.length} planned tasks are done.`,
  )
  moveTask(tx, task, 'done', 'complete')
  tx.returning(tasks.setResult, { id: task.id, result: summary, now: tx.now })
  writeEvent(tx, 'completed', task.id, null, { summary })
  promoteChildren(tx, task.id)
}

/** Sends the ready children of a reopened task back to todo. Running children keep running. */
export function demoteChildren(tx: WriteTx, parentId: string): void {
  for (const child of tx.all(taskLinks.readyChildrenOf, { id: parentId })) demoteTask(tx, child, parentId)
}

function demoteTask(tx: WriteTx, task: TaskRow, cause: string): void {
  moveTask(tx, task, 'todo', 'parent_opened')
  writeEvent(tx, 'demoted', task.id, null, { parent: cause })
}

/**
 * Makes `child` wait for `parent`.
 *
 * @returns false when it already did
 * @throws OperationError CYCLE, also for a task that would wait for itself
 */
export function linkTasks(tx: WriteTx, parent: TaskRow, child: TaskRow): boolean {
  if (parent.id === child.id) {
    throw new OperationError('CYCLE', `Task ${child.id} cannot block itself.`, { id: child.id })
  }
  if (tx.get(taskLinks.reaches, { ancestor: child.id, descendant: parent.id }) !== undefined) {
    throw new OperationError(
      'CYCLE',
      `Task ${parent.id} is already blocked by ${child.id}, directly or through others; the reverse link would make a cycle.`,
      { parent_id: parent.id, child_id: child.id },
    )
  }
  if (tx.run(taskLinks.insert, { parent_id: parent.id, child_id: child.id }) === 0) return false
  writeEvent(tx, 'linked', child.id, null, { parent: parent.id, child: child.id })
  if (!isSatisfied(parent.status) && child.status === 'ready') demoteTask(tx, child, parent.id)
  return true
}

/**
 * Makes `child` no longer wait for `parent`; the child is promoted if it waited only for this parent.
 *
 * @returns false when it did not wait for it
 * @throws OperationError CONFLICT when the child is at a map step and the parent is one of its items
 */
export function unlinkTasks(tx: WriteTx, parentId: string, childId: string): boolean {
  refuseUnlinkOfItem(tx, parentId, childId)
  if (tx.run(taskLinks.remove, { parent_id: parentId, child_id: childId }) === 0) return false
  writeEvent(tx, 'unlinked', childId, null, { parent: parentId, child: childId })
  // The open items of a child at a map step wait for the same parent.
  for (const item of tx.all(workflowItems.openCardsOf, { carrier_id: childId }))
    unlinkTasks(tx, parentId, item.id)
  promoteIfSatisfied(tx, childId, parentId)
  return true
}
