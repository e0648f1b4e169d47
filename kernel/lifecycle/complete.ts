import { OperationError, type RunTrigger, statusesFor } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { NO_ANSWER } from '../workflow/answer.ts'
import { closeRun, type Exit, openRunIn } from './end-run.ts'
import { moveTask, refuseOpenParents, refuseTransition } from './transition.ts'
import { firstLine, writeEvent } from './write-event.ts'
import { advanceTask } from './advance.ts'
import { checkAnswer } from './check-answer.ts'
import { checkVerdict, refuseOtherVisit } from './check-verdict.ts'
import { type Handoff, type Moved, type StepReport, syntheticRun, getTask } from './moved.ts'
import { settleTask } from './settle-task.ts'
import { openWalkOf } from './walk.ts'

export interface CompleteOptions extends Handoff, StepReport {
  result: string | null
  trigger: RunTrigger
  /** Set when the end of the process completes the task, without a report. */
  exit?: Exit
  /** Ids that the worker created, already checked. */
  created_cards?: readonly string[]
}

/**
 * Finishes a task from running, ready, blocked or review. Tasks that waited only for it become ready. A card on a walk
 * through a workflow goes to its next step instead.
 *
 * @throws OperationError CONFLICT from any other status, or when it waits for parents, which the error names
 */
export function completeTask(tx: WriteTx, task: TaskRow, options: CompleteOptions): Moved {
  if (task.status === 'todo') throw refuseOpenParents(tx, task, 'completed')
  if (!statusesFor('complete').includes(task.status)) throw refuseTransition(task, 'complete')
  const open = openWalkOf(tx, task)
  const verdict =
    open === null
      ? noVerdict(task, options.verdict)
      : checkVerdict(open, task.id, options.verdict ?? null, options.metadata)
  if (open?.step.kind === 'approve' && options.by_person !== true)
    throw new OperationError(
      'CONFLICT',
      `Only a person can decide the step “${open.step.key}” of task ${task.id}.`,
      {
        id: task.id,
      },
    )
  if (open?.step.kind === 'map' && task.status !== 'blocked')
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} joins the work of its items at the step “${open.step.key}”. “runboard skip ${task.id} --verdict V --reason R” gives the verdict without it.`,
      { id: task.id, step: open.step.key },
    )
  if (open !== null) refuseOtherVisit(open, task.id, options.visit_id ?? null)
  const given = { ...NO_ANSWER, metadata: options.metadata }
  const metadata =
    open === null || verdict === null ? given.metadata : checkAnswer(open, task.id, verdict, given)
  const summary = options.summary ?? options.result
  const run =
    task.status === 'running'
      ? closeRun(tx, openRunIn(task), {
          outcome: 'completed',
          summary,
          metadata: options.metadata,
          exit: options.exit ?? null,
          verdict,
        })
      : syntheticRun(tx, task, 'completed', { summary, metadata: options.metadata }, options.trigger)
  if (hasFailed(task)) tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  if (options.result !== null)
    tx.returning(tasks.setResult, { id: task.id, result: options.result, now: tx.now })
  const moved = open === null || verdict === null ? moveTask(tx, task, 'done', 'complete') : null
  writeEvent(tx, 'completed', task.id, run?.id ?? null, {
    summary: firstLine(summary),
    ...(options.created_cards?.length ? { created_cards: options.created_cards } : {}),
    ...(open === null ? {} : { step: open.step.key, verdict }),
  })
  if (open !== null && verdict !== null) {
    const { by_person = false, head = null } = options
    const end = { verdict, summary, metadata, head, by_person }
    return { task: advanceTask(tx, getTask(tx, task.id), open, end, { run_id: run?.id ?? null }), run }
  }
  settleTask(tx, task.id, 'done')
  return { task: moved ?? getTask(tx, task.id), run }
}

const hasFailed = ({ consecutive_failures, last_failure_error }: TaskRow): boolean =>
  consecutive_failures > 0 || last_failure_error !== null

/** @throws OperationError CONFLICT for a verdict on a task that is not on a workflow */
function noVerdict({ id }: TaskRow, verdict: string | null | undefined): null {
  if (verdict == null) return null
  throw new OperationError('CONFLICT', `Task ${id} is not on a workflow, so it takes no verdict.`, {
    id,
  })
}
