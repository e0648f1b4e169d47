import { type Outcome, OperationError, type RunTrigger, statusesFor } from '../../contract/index.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { promoteChildren } from './dependencies.ts'
import { closeRun, type Exit, openRunOf } from './end-run.ts'
import { moveTask, refuseOpenParents, refuseTransition, runnableStatus } from './transition.ts'
import { firstLine, writeEvent } from './write-event.ts'

export interface Handoff {
  summary: string | null
  metadata: Record<string, unknown> | null
}

/** A task after a verb, with the run that the verb opened or closed. */
export interface Moved {
  task: TaskRow
  run: RunRow | null
}

export interface CompleteOptions extends Handoff {
  result: string | null
  trigger: RunTrigger
  /** Set when the end of the process completes the task, without a report. */
  exit?: Exit
  /** Ids that the worker created, already checked. */
  created_cards?: readonly string[]
}

/**
 * Finishes a task from running, ready, blocked or review. Tasks that waited only for it become ready.
 *
 * @throws OperationError CONFLICT from any other status, or when it waits for parents, which the error names
 */
export function completeTask(tx: WriteTx, task: TaskRow, options: CompleteOptions): Moved {
  if (task.status === 'todo') throw refuseOpenParents(tx, task, 'completed')
  if (!statusesFor('complete').includes(task.status)) throw refuseTransition(task, 'complete')
  const summary = options.summary ?? options.result
  const run =
    task.status === 'running'
      ? closeRun(tx, openRunOf(tx, task), {
          outcome: 'completed',
          summary,
          metadata: options.metadata,
          exit: options.exit ?? null,
        })
      : syntheticRun(tx, task, 'completed', { summary, metadata: options.metadata }, options.trigger)
  moveTask(tx, task, 'done', 'complete')
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  if (options.result !== null)
    tx.returning(tasks.setResult, { id: task.id, result: options.result, now: tx.now })
  writeEvent(tx, 'completed', task.id, run?.id ?? null, {
    summary: firstLine(summary),
    ...(options.created_cards?.length ? { created_cards: options.created_cards } : {}),
  })
  promoteChildren(tx, task.id)
  return { task: reread(tx, task.id), run }
}

/**
 * A run that carries the handoff of an unclaimed task. It starts and ends at the same moment. Without a handoff no
 * run is written.
 */
export function syntheticRun(
  tx: WriteTx,
  task: TaskRow,
  outcome: Outcome,
  handoff: Handoff,
  trigger: RunTrigger,
): RunRow | null {
  if (handoff.summary === null && handoff.metadata === null) return null
  const run = tx.returning(taskRuns.insertEnded, {
    task_id: task.id,
    profile: task.assignee,
    step_key: task.current_step_key,
    trigger,
    outcome,
    summary: handoff.summary,
    metadata: handoff.metadata === null ? null : JSON.stringify(handoff.metadata),
    error: null,
    now: tx.now,
  })
  return run ?? null
}

/** Ends the run of a running task and asks a person to review it. */
export function requestReview(tx: WriteTx, task: TaskRow, handoff: Handoff): Moved {
  if (task.status !== 'running') throw refuseTransition(task, 'request_review')
  const run = closeRun(tx, openRunOf(tx, task), { outcome: 'review_requested', ...handoff })
  moveTask(tx, task, 'review', 'request_review')
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  writeEvent(tx, 'review_requested', task.id, run.id, { summary: firstLine(handoff.summary) })
  return { task: reread(tx, task.id), run }
}

/** Accepts the work of a task in review: it is done, and tasks that waited for it become ready. */
export function approveTask(tx: WriteTx, task: TaskRow, note: string | null): Moved {
  if (task.status !== 'review') throw refuseTransition(task, 'approve')
  moveTask(tx, task, 'done', 'approve')
  writeEvent(tx, 'approved', task.id, null, note === null ? null : { note })
  promoteChildren(tx, task.id)
  return { task: reread(tx, task.id), run: null }
}

/** Sends a task in review back; the note is in the next attempt's context. */
export function requestChanges(tx: WriteTx, task: TaskRow, note: string): Moved {
  if (task.status !== 'review') throw refuseTransition(task, 'request_changes')
  const moved = moveTask(tx, task, runnableStatus(tx, task.id), 'request_changes')
  writeEvent(tx, 'changes_requested', task.id, null, { note })
  return { task: moved, run: null }
}

/** The fields of a finished task that can still be corrected. */
export interface FinishedEdit {
  result?: string | null | undefined
  summary?: string | null | undefined
  metadata?: Record<string, unknown> | null | undefined
}

/**
 * Corrects the result of a done task and the handoff of the run that completed it. Without such a run, one is written
 * that carries it.
 *
 * @throws OperationError CONFLICT when the task is not done
 */
export function editFinished(
  tx: WriteTx,
  task: TaskRow,
  edit: FinishedEdit,
  trigger: RunTrigger,
): RunRow | null {
  if (task.status !== 'done') {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is ${task.status}; result, summary and metadata are edited on a done task only.`,
      { id: task.id, status: task.status },
    )
  }
  // A new result is also the summary, as at a completion; a summary given as null is cleared.
  const summary = edit.summary === undefined ? (edit.result ?? undefined) : edit.summary
  const run = tx.get(taskRuns.newestHandoff, { task_id: task.id })
  if (run === undefined) {
    return syntheticRun(
      tx,
      task,
      'completed',
      { summary: summary ?? null, metadata: edit.metadata ?? null },
      trigger,
    )
  }
  return (
    tx.returning(taskRuns.editHandoff, {
      id: run.id,
      summary: summary === undefined ? run.summary : summary,
      metadata:
        edit.metadata === undefined
          ? run.metadata
          : edit.metadata === null
            ? null
            : JSON.stringify(edit.metadata),
    }) ?? null
  )
}

/** @returns the current row of a task that the caller knows to exist */
export function reread(reader: Reader, id: string): TaskRow {
  const task = reader.get(tasks.byId, { id })
  if (task === undefined) throw new Error(`task ${id} is gone`)
  return task
}
