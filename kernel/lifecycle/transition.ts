import {
  type BlockKind,
  isLegalEdge,
  OperationError,
  type TaskStatus,
  type TransitionVerb,
} from '../../contract/index.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'

export interface TransitionFields {
  block_kind?: BlockKind
  block_reason?: string | null
  /** Backoff of a task that goes back to ready. */
  retry_at?: number | null
}

/**
 * @throws OperationError NOT_FOUND
 */
export function requireTask(reader: Reader, id: string): TaskRow {
  const task = reader.get(tasks.byId, { id })
  if (task === undefined) {
    throw new OperationError('NOT_FOUND', `Task ${id} not found on board “${reader.boardSlug}”.`, { id })
  }
  return task
}

/**
 * Moves a task to another status: the only place, besides the claim, where `tasks.status` changes. A task that leaves
 * `running` loses its run pointer here; its caller closes the run in the same transaction.
 *
 * @throws OperationError CONFLICT when contract/states.ts has no such edge, or the task has changed since it was read
 */
export function moveTask(
  tx: WriteTx,
  task: TaskRow,
  to: TaskStatus,
  verb: TransitionVerb,
  fields: TransitionFields = {},
): TaskRow {
  if (!isLegalEdge(task.status, to, verb)) throw refuseTransition(task, verb)
  const moved = tx.returning(tasks.transition, {
    id: task.id,
    from: task.status,
    expected_run_id: task.current_run_id,
    to,
    current_run_id: null,
    ready_at: to === 'ready' ? tx.now : null,
    block_kind: fields.block_kind ?? (to === 'archived' ? task.block_kind : null),
    block_reason: fields.block_reason ?? (to === 'archived' ? task.block_reason : null),
    completed_at: completedAt(tx, task, to),
    retry_at: to === 'ready' ? (fields.retry_at ?? null) : null,
    archived_from: to === 'archived' ? archivedFrom(task) : null,
    now: tx.now,
  })
  if (moved === undefined) {
    throw new OperationError('CONFLICT', `Task ${task.id} was changed at the same time. Nothing was done.`)
  }
  return moved
}

function completedAt(tx: WriteTx, task: TaskRow, to: TaskStatus): number | null {
  if (to === 'done') return task.completed_at ?? tx.now
  return to === 'archived' ? task.completed_at : null
}

/** The status that `restore` returns an archived task to; ready for a task that was running. */
function archivedFrom(task: TaskRow): TaskRow['archived_from'] {
  if (task.status === 'running') return 'ready'
  return task.status === 'archived' ? null : task.status
}

const VERB_WORDS: Record<TransitionVerb, string> = {
  promote: 'promoted',
  claim: 'claimed',
  complete: 'completed',
  request_review: 'sent to review',
  approve: 'approved',
  request_changes: 'sent back for changes',
  block: 'blocked',
  unblock: 'unblocked',
  stop: 'stopped',
  reclaim: 'reclaimed',
  reopen: 'reopened',
  archive: 'archived',
  restore: 'restored',
  end_of_run: 'ended',
  parents_satisfied: 'promoted',
  parent_opened: 'sent back',
  advance: 'moved to the next step',
}

/** What would work instead, for the most common refusals. */
const HINTS: Partial<Record<TaskStatus, string>> = {
  triage: 'It is still in triage: promote it first.',
  done: 'Reopen it first.',
  archived: 'Restore it first.',
  running: 'Stop or reclaim it first.',
}

/** @returns the error for a verb that the task's status does not allow */
export function refuseTransition(task: TaskRow, verb: TransitionVerb): OperationError {
  return refuseVerb(task, VERB_WORDS[verb])
}

/**
 * @param word what cannot be done with the task, for verbs that change no status: `held`, `planned`
 * @returns the error for a verb that the task's status does not allow
 */
export function refuseVerb(task: TaskRow, word: string): OperationError {
  const hint = HINTS[task.status]
  const sentence = `Task ${task.id} is ${task.status} and cannot be ${word}.`
  return new OperationError('CONFLICT', hint === undefined ? sentence : `${sentence} ${hint}`, {
    id: task.id,
    status: task.status,
  })
}

/** @returns the error for a task that waits for parents, naming them */
export function refuseOpenParents(reader: Reader, task: TaskRow, word: string): OperationError {
  const parents = reader.all(taskLinks.openParentsOf, { id: task.id })
  const names = parents.map((parent) => `${parent.id} “${parent.title}”`).join(', ')
  return new OperationError(
    'CONFLICT',
    `Task ${task.id} cannot be ${word} while it is blocked by ${names}.`,
    {
      id: task.id,
      open_parents: parents.map((parent) => parent.id),
    },
  )
}

/** @returns the status of a task that could run: ready, or todo while a parent is open */
export function runnableStatus(reader: Reader, id: string): 'ready' | 'todo' {
  return reader.all(taskLinks.openParentsOf, { id }).length === 0 ? 'ready' : 'todo'
}
