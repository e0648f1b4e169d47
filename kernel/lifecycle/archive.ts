import { OperationError } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { demoteChildren } from './dependencies.ts'
import { type Moved, getTask } from './moved.ts'
import { resumeItems } from './advance.ts'
import { releaseItems } from './hold.ts'
import { reopenItem } from './items.ts'
import { askApproval, waitsForApproval } from './ask-approval.ts'
import { moveTask, refuseTransition, runnableStatus } from './transition.ts'
import { stopItems } from './stop.ts'
import { settleTask } from './settle-task.ts'
import { isAtMap } from './walk.ts'
import { writeEvent } from './write-event.ts'

/**
 * Archives a task that is not running; tasks that waited for it can start, and its own open items are held. The caller stops
 * the processes of its items: see `stopItems`.
 */
export function archiveTask(tx: WriteTx, task: TaskRow): Moved {
  if (task.status === 'running' || task.status === 'archived') throw refuseTransition(task, 'archive')
  const moved = moveTask(tx, task, 'archived', 'archive')
  writeEvent(tx, 'archived', task.id, null, { from: task.status })
  stopItems(tx, task.id)
  settleTask(tx, task.id, 'archived')
  return { task: moved, run: null }
}

/**
 * Restores an archived task to its old status. Whether it is ready or waits is decided again, and its ready children
 * wait for it again unless it is done.
 */
export function restoreTask(tx: WriteTx, task: TaskRow): Moved {
  if (task.status !== 'archived') throw refuseTransition(task, 'restore')
  refuseTakenKey(tx, task)
  const was = task.archived_from ?? 'ready'
  const to = was === 'ready' || was === 'todo' ? runnableStatus(tx, task.id) : was
  const fields = {
    ...(was === 'blocked' && task.block_kind !== null ? { block_kind: task.block_kind } : {}),
    block_reason: was === 'blocked' ? task.block_reason : null,
  }
  const asks = to === 'ready' && waitsForApproval(tx, task)
  const atMap = (was === 'ready' || was === 'todo') && isAtMap(tx, task)
  if (asks) askApproval(tx, moveTask(tx, task, 'review', 'restore', fields), null)
  else if (atMap) moveTask(tx, task, 'todo', 'restore', fields)
  else moveTask(tx, task, to, 'restore', fields)
  writeEvent(tx, 'restored', task.id, null, { to: atMap ? 'todo' : to })
  if (to !== 'done') {
    reopenItem(tx, task.id)
    demoteChildren(tx, task.id)
  }
  if (task.held === 0) releaseItems(tx, task)
  if (atMap) resumeItems(tx, getTask(tx, task.id))
  return { task: getTask(tx, task.id), run: null }
}

/** An idempotency key is unique among the tasks on the board; a newer task may have taken this one's. */
function refuseTakenKey(tx: WriteTx, task: TaskRow): void {
  if (task.idempotency_key === null) return
  const other = tx.get(tasks.byIdempotencyKey, { key: task.idempotency_key })
  if (other === undefined) return
  throw new OperationError(
    'CONFLICT',
    `Task ${task.id} cannot be restored: its idempotency key “${task.idempotency_key}” belongs to ${other.id} now.`,
    { id: task.id, other: other.id },
  )
}

/**
 * Deletes an archived task with its runs, events, comments and links.
 *
 * @throws OperationError CONFLICT unless it is archived
 */
export function deleteTask(tx: WriteTx, task: TaskRow): void {
  if (task.status !== 'archived') {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is ${task.status}; only archived tasks are deleted.`,
      {
        id: task.id,
        status: task.status,
      },
    )
  }
  const [parents, children] = [taskLinks.parentsOf, taskLinks.childrenOf].map((near) =>
    tx.all(near, { id: task.id }).map((other) => other.id),
  )
  tx.run(tasks.remove, { id: task.id })
  writeEvent(tx, 'task_deleted', null, null, {
    id: task.id,
    title: task.title,
    parents,
    children,
  })
}
