import { errorBrief } from '../../formats/own-errors.ts'
import type { WriteTx } from '../db/connection.ts'
import * as runSessions from '../tables/run-sessions.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { writeEvent } from './write-event.ts'

/**
 * Removes the process from an open run whose agent refused to continue a session. The run stays open, so that it can be started
 * again with a fresh session. This does not count as a failure of the task.
 *
 * @param run the run, with the pid of that process
 * @param error how the agent refused
 * @returns the run without a process; null when it has ended meanwhile, or is to be stopped
 */
export function dropRefusedSession(tx: WriteTx, run: RunRow, error: string): RunRow | null {
  const before = tx.get(taskRuns.byId, { id: run.id })
  const dropped = tx.returning(runSessions.dropRefused, { id: run.id, worker_pid: run.worker_pid })
  if (before === undefined || dropped === undefined) return null
  const from = before.resumed_from_run
  writeEvent(tx, 'session_refused', run.task_id, run.id, {
    from_run: from,
    attempt: from === null ? null : (tx.get(taskRuns.byId, { id: from })?.attempt ?? null),
    session_id: before.agent_session_id,
    error: errorBrief(error, 500),
  })
  return dropped
}
