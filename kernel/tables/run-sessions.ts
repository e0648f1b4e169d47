import type { SessionChoice, SessionRequest } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { LISTED_COLUMNS, RUN_COLUMNS, type RunRow } from './task-runs.ts'

/** The sessions of agents: the run whose session the next attempt may continue, and the session that a run records. */

const columns = RUN_COLUMNS.join(', ')
const listed = LISTED_COLUMNS.join(', ')

/** Runs whose process began and is over. Other runs have no session, and do not show that an earlier one is unusable. */
const WORKED = 'run.spawned_at IS NOT NULL AND run.ended_at IS NOT NULL'

/** The newest run of a task outside of workflows. */
export const newestOutside = statement<{ task_id: string }, RunRow>(`
  SELECT ${listed} FROM task_runs AS run
  WHERE run.task_id = :task_id AND run.visit_id IS NULL AND ${WORKED} ORDER BY run.attempt DESC LIMIT 1`)

/** The newest run of a visit to a step. */
export const newestOfVisit = statement<{ visit_id: number }, RunRow>(`
  SELECT ${listed} FROM task_runs AS run WHERE run.visit_id = :visit_id AND ${WORKED} ORDER BY run.attempt DESC LIMIT 1`)

/** The newest run of a step in one walk, in whichever visit. */
export const newestOfStep = statement<{ workflow_run_id: number; step_key: string }, RunRow>(`
  SELECT ${listed} FROM task_runs AS run
  WHERE run.visit_id IN (
      SELECT id FROM workflow_visits WHERE workflow_run_id = :workflow_run_id AND step_key = :step_key)
    AND ${WORKED} ORDER BY run.attempt DESC LIMIT 1`)

/** The newest run of a task that used a session: later steps may have continued it. */
export const newestOfSession = statement<{ task_id: string; agent_session_id: string }, RunRow>(`
  SELECT ${listed} FROM task_runs AS run
  WHERE run.task_id = :task_id AND run.agent_session_id = :agent_session_id AND ${WORKED}
  ORDER BY run.attempt DESC LIMIT 1`)

/** The newest run of a task whose agent has named its session, whether or not it is over. */
export const newestNamed = statement<{ task_id: string }, RunRow>(`
  SELECT ${listed} FROM task_runs AS run
  WHERE run.task_id = :task_id AND run.agent_session_id IS NOT NULL AND run.spawned_at IS NOT NULL
  ORDER BY run.attempt DESC LIMIT 1`)

/** What a person asked for the next attempt, since the last one was claimed. */
export const requestOf = statement<{ task_id: string; run_id: number }, { session: SessionRequest }>(`
  SELECT payload ->> 'session' AS session FROM task_events
  WHERE task_id = :task_id AND kind IN ('retried', 'unblocked') AND payload ->> 'session' IN ('resume', 'fresh')
    AND id > coalesce((
      SELECT max(id) FROM task_events WHERE task_id = :task_id AND kind = 'claimed' AND run_id <> :run_id), 0)
  ORDER BY id DESC LIMIT 1`)

/** Recorded with its process, before its program runs. */
export const setPlanned = statement<
  Pick<RunRow, 'id' | 'agent' | 'agent_session_id' | 'agent_cwd' | 'resumed_from_run'> & {
    session_choice: SessionChoice | null
  }
>(`
  UPDATE task_runs SET agent = :agent, agent_session_id = :agent_session_id, agent_cwd = :agent_cwd,
    resumed_from_run = :resumed_from_run, session_choice = :session_choice
  WHERE id = :id`)

/** Recorded when the agent first names its session. */
export const setSeen = statement<{ id: number; agent: string; agent_session_id: string }>(`
  UPDATE task_runs SET agent = :agent, agent_session_id = :agent_session_id
  WHERE id = :id AND (agent_session_id IS NOT :agent_session_id OR agent IS NOT :agent)`)

/**
 * Removes the process that refused the session from its open run, so that the run can start again with a fresh one. Zero rows
 * when the run is over, is to be stopped, or has another process by now.
 */
export const dropRefused = statement<{ id: number; worker_pid: number | null }, RunRow>(`
  UPDATE task_runs SET worker_pid = NULL, worker_started_key = NULL, keeper_pid = NULL, keeper_started_key = NULL,
    spawned_at = NULL, first_output_at = NULL, context = NULL, command = NULL, agent_session_id = NULL,
    resumed_from_run = NULL, session_choice = 'refused'
  WHERE id = :id AND ended_at IS NULL AND stop_requested_at IS NULL AND worker_pid IS :worker_pid
  RETURNING ${columns}`)

/** The usage of the runs whose session a run continued, the latest first. */
export const earlierUsage = statement<{ id: number }, { usage: string | null }>(`
  WITH RECURSIVE earlier (id, from_id, usage, depth) AS (
    SELECT before.id, before.resumed_from_run, before.usage, 1
    FROM task_runs AS run JOIN task_runs AS before ON before.id = run.resumed_from_run WHERE run.id = :id
    UNION ALL
    SELECT before.id, before.resumed_from_run, before.usage, depth + 1
    FROM earlier JOIN task_runs AS before ON before.id = earlier.from_id WHERE depth < 1000
  )
  SELECT usage FROM earlier ORDER BY depth`)

/** The event of a run’s claim. Anything that people and workers wrote after it was not in the context of the run. */
export const claimedEvent = statement<{ run_id: number }, { id: number }>(
  `SELECT id FROM task_events WHERE run_id = :run_id AND kind = 'claimed' ORDER BY id LIMIT 1`,
)
