import { groupErrors, listRuns } from './list-runs.ts'
import { OperationError, type LogAnswer } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { presentRun } from '../board/present.ts'
import { sameErrorTasks } from '../tables/listed-runs.ts'
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

  'task.log': ({ read }, input) => {
    requireTask(read, input.id)
    const run =
      input.attempt === undefined
        ? read.get(taskRuns.newestOf, { task_id: input.id })
        : read.get(taskRuns.byAttempt, { task_id: input.id, attempt: input.attempt })
    if (run !== undefined) return logOf(run, input)
    const which = input.attempt === undefined ? 'has not been attempted' : `has no attempt ${input.attempt}`
    throw new OperationError('NOT_FOUND', `Task ${input.id} ${which}, so there is no log.`, { id: input.id })
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

  'run.log': ({ read }, input) => logOf(requireRun(read, input.id), input),
} satisfies Partial<BoardHandlers>

function requireRun(read: Reader, id: number): RunRow {
  const run = read.get(taskRuns.byId, { id })
  if (run === undefined)
    throw new OperationError('NOT_FOUND', `Run ${id} not found on board “${read.boardSlug}”.`, { run_id: id })
  return run
}

async function logOf(run: RunRow, request: LogRequest): Promise<LogAnswer> {
  const head = {
    run_id: run.id,
    attempt: run.attempt,
    encoding: request.encoding,
    ended: run.ended_at !== null,
  }
  if (run.log_path === null) {
    return { ...head, content: '', from: 0, next: 0, size: 0, times: request.times ? [] : null }
  }
  const window = await readLogWindow(run.log_path, request)
  return { ...head, ...window, times: request.times ? readTimes(run.log_path) : null }
}
