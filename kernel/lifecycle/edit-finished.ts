import { OperationError, type RunTrigger } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as runHistory from '../tables/run-history.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { syntheticRun } from './moved.ts'

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
  const run = tx.get(runHistory.newestHandoff, { task_id: task.id })
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
