import { groupErrors, listRuns } from './list-runs.ts'
import { OperationError, type LogAnswer } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { presentRun } from '../board/present.ts'
import { sameErrorTasks } from '../tables/listed-runs.ts'
import * as runChecks from '../tables/run-checks.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { type LogRequest, readLogWindow, readTimes } from './log-window.ts'
import type { BoardHandlers } from './handler.ts'
import { newestEventsOfRun, newestRuns, NONE, omittedOf } from './newest.ts'

export const runHandlers = {
  'task.runs': ({ services, read }, { id, runs_before }) => {
    requireTask(read, id)
    const runs = newestRuns(read, id, services.clock(), runs_before)
    return { runs: runs.shown, ...omittedOf(id, NONE, NONE, runs) }
  },

  'task.log': ({ read }, input) => runLog(requireAttempt(read, input.id, input.attempt), input),

  'task.check_log': async ({ board, read }, input) => {
    const run = requireAttempt(read, input.id, input.attempt)
    // Whether the check runs is read before the log, so that the log of an ended check is complete.
    const check = read.get(runChecks.ofRun, { run_id: run.id })
    const path = check?.log_path ?? board.runFiles(run.task_id, run.id).check_log_path
    const log = await logOf(run, { log_path: path, ended: check === undefined }, input)
    if (check === undefined) return { ...log, check: null }
    return { ...log, check: { command: check.command, started_at: check.started_at } }
  },

  'run.list': listRuns,
  'run.errors': groupErrors,

  'run.show': ({ services, read }, { id }) => {
    const run = requireRun(read, id)
    const events = newestEventsOfRun(read, id)
    return {
      run: presentRun(run, services.clock()),
      context: run.context,
      events: events.shown,
      ...omittedOf(run.task_id, NONE, events, NONE),
      same_error_tasks:
        run.error_fingerprint === null
          ? 0
          : (read.get(sameErrorTasks, { fingerprint: run.error_fingerprint, task_id: run.task_id })?.tasks ??
            0),
    }
  },

  'run.log': ({ read }, input) => runLog(requireRun(read, input.id), input),
} satisfies Partial<BoardHandlers>

function requireRun(read: Reader, id: number): RunRow {
  const run = read.get(taskRuns.byId, { id })
  if (run === undefined)
    throw new OperationError('NOT_FOUND', `Run ${id} not found on board “${read.boardSlug}”.`, { run_id: id })
  return run
}

/** @param attempt the newest one if not given */
function requireAttempt(read: Reader, id: string, attempt: number | undefined): RunRow {
  requireTask(read, id)
  const run =
    attempt === undefined
      ? read.get(taskRuns.newestOf, { task_id: id })
      : read.get(taskRuns.byAttempt, { task_id: id, attempt })
  if (run !== undefined) return run
  const which = attempt === undefined ? 'has not been attempted' : `has no attempt ${attempt}`
  throw new OperationError('NOT_FOUND', `Task ${id} ${which}, so there is no log.`, { id })
}

function runLog(run: RunRow, request: LogRequest): Promise<LogAnswer> {
  return logOf(run, { log_path: run.log_path, ended: run.ended_at !== null }, request)
}

async function logOf(
  run: RunRow,
  { log_path, ended }: { log_path: string | null; ended: boolean },
  request: LogRequest,
): Promise<LogAnswer> {
  const head = { run_id: run.id, attempt: run.attempt, encoding: request.encoding, ended }
  if (log_path === null) {
    return { ...head, content: '', from: 0, next: 0, size: 0, times: request.times ? [] : null }
  }
  const window = await readLogWindow(log_path, request)
  return { ...head, ...window, times: request.times ? readTimes(log_path) : null }
}
