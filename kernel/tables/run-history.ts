import type { Outcome } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { RUN_COLUMNS, type RunRow } from './task-runs.ts'

/** Statements about the past runs of a task or a profile. */

const columns = RUN_COLUMNS.join(', ')

/**
 * The start of the newest work in a workspace, as recorded by the runs of its owner and of the tasks that share it.
 */
export const startOfWork = statement<{ owner: string }, { branch: string | null; commit: string }>(`
  SELECT run.base_branch AS branch, run.base_commit AS "commit" FROM tasks AS task JOIN task_runs AS run ON run.task_id = task.id
  WHERE (task.id = :owner OR task.workspace_of = :owner) AND run.base_commit IS NOT NULL
  ORDER BY run.id DESC LIMIT 1`)

/**
 * The newest run of a task whose handoff counts for its children: one that completed it, or one that a person
 * accepted in review. A run that was sent back, or archived before review, does not count.
 */
export const newestHandoff = statement<{ task_id: string }, RunRow>(`
  SELECT ${columns} FROM task_runs AS run
  WHERE task_id = :task_id AND (outcome = 'completed' OR (
    outcome = 'review_requested'
    AND EXISTS (SELECT 1 FROM tasks WHERE id = :task_id AND (status = 'done' OR archived_from = 'done'))
    AND NOT EXISTS (SELECT 1 FROM task_events AS event
      WHERE event.task_id = :task_id AND event.kind = 'changes_requested'
        AND event.id > (SELECT max(id) FROM task_events WHERE run_id = run.id))))
  ORDER BY attempt DESC LIMIT 1`)

/** Recently completed work of a profile on other tasks, newest first. */
export const recentCompletedOf = statement<
  { profile: string; task_id: string; limit: number },
  { task_id: string; title: string; summary: string | null; ended_at: number }
>(`
  SELECT run.task_id, task.title, run.summary, run.ended_at
  FROM task_runs AS run JOIN tasks AS task ON task.id = run.task_id
  WHERE run.profile = :profile AND run.ended_at IS NOT NULL AND run.outcome = 'completed' AND run.task_id <> :task_id
  ORDER BY run.ended_at DESC, run.id DESC LIMIT :limit`)

/**
 * The task's newest ends, newest first, since a person last let it continue: whether each was a rate limit, and
 * whether the tool gave its end. Runs that a person stopped or took back do not count.
 */
export const newestEndsOf = statement<
  { task_id: string; limit: number },
  { is_limit: 0 | 1; stated: 0 | 1 }
>(`
  SELECT
    run.outcome = 'rate_limited' OR coalesce(json_extract(event.payload, '$.rate_limited'), 0) AS is_limit,
    coalesce(json_extract(event.payload, '$.stated'), 0) AS stated
  FROM task_runs AS run
  LEFT JOIN task_events AS event ON event.run_id = run.id AND event.kind = run.outcome
  WHERE run.task_id = :task_id AND run.ended_at IS NOT NULL AND run.outcome NOT IN ('stopped', 'reclaimed')
    AND run.ended_at > coalesce((
      SELECT max(created_at) FROM task_events
      WHERE task_id = :task_id AND kind IN ('unblocked', 'assigned', 'retried')), 0)
  ORDER BY run.attempt DESC LIMIT :limit`)

/** The last ends of a profile's runs, newest first, for detecting a systemic failure. */
export const recentEndsOf = statement<
  { profile: string; since: number; until: number },
  { task_id: string; outcome: Outcome; error_fingerprint: string | null; ended_at: number }
>(`
  SELECT task_id, outcome, error_fingerprint, ended_at FROM task_runs
  WHERE profile = :profile AND ended_at BETWEEN :since AND :until AND outcome NOT IN ('stopped', 'reclaimed')
  ORDER BY ended_at DESC, id DESC LIMIT 20`)

/** Runs that ended by their report but whose process, as far as known, still runs. */
export const endedNotExited = statement<{ since: number }, RunRow>(`
  SELECT ${columns} FROM task_runs
  WHERE ended_at >= :since AND exited_at IS NULL AND worker_pid IS NOT NULL`)

export const countByOutcome = statement<{ since: number }, { outcome: Outcome; count: number }>(
  'SELECT outcome, count(*) AS count FROM task_runs WHERE ended_at >= :since GROUP BY outcome',
)

/** The commands (JSON) of the completed runs of a visit. */
export const completedOf = statement<{ visit_id: number }, { command: string | null }>(
  `SELECT command FROM task_runs WHERE visit_id = :visit_id AND outcome = 'completed'`,
)

/**
 * The signature of the work tree when the first attempt of a visit began, if recorded. After a person has unblocked,
 * assigned or retried the task, it is that of the next attempt: the person may have changed files.
 */
export const firstSignature = statement<{ visit_id: number }, { signature: string }>(`
  SELECT observed ->> '$.work_signature' AS signature FROM task_runs
  WHERE visit_id = :visit_id AND observed ->> '$.work_signature' IS NOT NULL
    AND started_at >= coalesce((SELECT max(event.created_at) FROM task_events AS event
      WHERE event.task_id = task_runs.task_id AND event.kind IN ('unblocked', 'assigned', 'retried')), 0)
  ORDER BY attempt LIMIT 1`)
