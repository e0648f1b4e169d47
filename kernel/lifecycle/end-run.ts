import { OperationError, type Outcome } from '../../contract/index.ts'
import { TEXT_LIMITS } from '../../contract/values.ts'
import { errorBrief } from '../../formats/own-errors.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { withdrawQuestionsOf } from './withdraw-questions.ts'

/** How a process ended, as far as it is known. */
export interface Exit {
  exit_code: number | null
  signal: string | null
}

export interface RunEnd {
  outcome: Outcome
  summary?: string | null
  metadata?: Record<string, unknown> | null
  error?: string | null
  exit?: Exit | null
  /** The verdict of the workflow step that the run worked on; null without one. */
  verdict?: string | null
}

/** The longest error text that a run keeps, in characters; a longer one keeps its start and its end. */
const ERROR_LIMIT = 16_000

/**
 * Closes an open run. The caller moves its task in the same transaction; the schema refuses to commit one without the
 * other.
 *
 * @throws OperationError STALE_RUN when the run was already over
 */
export function closeRun(tx: WriteTx, run: Pick<RunRow, 'id'>, end: RunEnd): RunRow {
  const error = end.error == null ? null : keepEnds(end.error)
  const closed = tx.returning(taskRuns.close, {
    id: run.id,
    outcome: end.outcome,
    summary: end.summary ?? null,
    metadata: end.metadata == null ? null : JSON.stringify(end.metadata),
    error,
    error_fingerprint: error === null ? null : fingerprint(error),
    verdict: end.verdict ?? null,
    exit_code: end.exit?.exit_code ?? null,
    signal: end.exit?.signal ?? null,
    exited_at: end.exit == null ? null : tx.now,
    now: tx.now,
  })
  if (closed === undefined)
    throw new OperationError('STALE_RUN', `Run ${run.id} is over.`, { run_id: run.id })
  withdrawQuestionsOf(tx, run.id)
  return closed
}

/** @returns the open run of a running task */
export function openRunOf(reader: Reader, task: TaskRow): RunRow {
  const run = reader.get(taskRuns.byId, openRunIn(task))
  if (run === undefined) throw new Error(`the run of task ${task.id} is gone`)
  return run
}

/** @returns the id of the open run of a running task */
export function openRunIn(task: TaskRow): Pick<RunRow, 'id'> {
  if (task.current_run_id === null) throw new Error(`task ${task.id} is running without a run`)
  return { id: task.current_run_id }
}

function keepEnds(error: string): string {
  if (error.length <= ERROR_LIMIT) return error
  const half = ERROR_LIMIT / 2 - 50
  const cut = `[${error.length - 2 * half} characters are not shown]`
  return `${error.slice(0, half)}\n${cut}\n${error.slice(-half)}`
}

/**
 * Errors with the same fingerprint very likely have the same cause. It is made from how the run ended and the line
 * that explains it, with numbers and ids masked.
 *
 * @returns at most as many characters as `run.list` takes
 */
export function fingerprint(error: string): string {
  return (errorBrief(error) ?? '')
    .toLowerCase()
    .replace(/t_[0-9a-f]{8}/g, 't_#')
    .replace(/\b(?=[a-f]*\d)[0-9a-f]{7,}(?:-[0-9a-f]{4,}){0,4}\b/g, '#')
    .replace(/0x[0-9a-f]+/g, '#')
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, TEXT_LIMITS.fingerprint)
}
