import { type RunTrigger, statusesFor } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { promoteChildren } from './dependencies.ts'
import { closeRun, type Exit, openRunOf } from './end-run.ts'
import { moveTask, refuseOpenParents, refuseTransition } from './transition.ts'
import { firstLine, writeEvent } from './write-event.ts'
import { type Handoff, type Moved, syntheticRun, getTask } from './moved.ts'

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
  return { task: getTask(tx, task.id), run }
}
