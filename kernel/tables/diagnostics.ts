import { statement } from '../db/statement.ts'
import { SATISFIED } from './names.ts'
import type { TaskRow } from './tasks.ts'

/** The queries of diagnostics. Each uses an index and returns at most `limit` rows. */

interface Limits {
  limit: number
}

/** Tasks that wait for a person and have not changed since a given time. */
export const untouched = statement<
  Limits & { before: number },
  TaskRow & { since_at: number; waiting: number }
>(`
  SELECT task.*,
    coalesce((SELECT created_at FROM task_events WHERE task_id = task.id ORDER BY id DESC LIMIT 1), task.updated_at) AS since_at,
    (SELECT count(*) FROM task_links AS link CROSS JOIN tasks AS child ON child.id = link.child_id
      WHERE link.parent_id = task.id AND child.status = 'todo') AS waiting
  FROM tasks AS task
  WHERE (task.status IN ('blocked', 'review') OR (task.status = 'ready' AND task.held = 1))
    AND task.updated_at < :before AND since_at < :before
  ORDER BY since_at, task.rowid LIMIT :limit`)

/** Tasks without a gate of their own, ready since before a moment. */
export const ready = statement<Limits & { now: number; before: number }, TaskRow>(`
  SELECT * FROM tasks
  WHERE status = 'ready' AND held = 0 AND ready_at < :before
    AND (not_before_at IS NULL OR not_before_at <= :now) AND (retry_at IS NULL OR retry_at <= :now)
  ORDER BY ready_at, rowid LIMIT :limit`)

/** The assignees of unfinished tasks, with the ids of each, the oldest first. */
export const assigneesOfOpen = statement<
  Record<never, never>,
  { assignee: string | null; ids: string; title: string; ready: number; since_at: number }
>(`
  SELECT assignee, json_group_array(id) AS ids, min(title) AS title, sum(status = 'ready') AS ready, min(created_at) AS since_at
  FROM (
    SELECT id, title, assignee, status, created_at FROM tasks
    WHERE status IN ('ready', 'todo') AND (status = 'ready' OR assignee IS NOT NULL) ORDER BY created_at, rowid
  ) GROUP BY assignee`)

/** Tasks that have failed several times in a row and will be retried. */
export const failing = statement<Limits & { failures: number }, TaskRow>(`
  SELECT * FROM tasks
  WHERE status IN ('ready', 'todo', 'running') AND consecutive_failures >= :failures
  ORDER BY consecutive_failures DESC, id LIMIT :limit`)

/** Tasks with many attempts since a moment that are not finished. */
export const looping = statement<
  Limits & { since: number; attempts: number },
  { task_id: string; title: string; attempts: number; since_at: number }
>(`
  SELECT run.task_id, task.title, count(*) AS attempts, min(run.started_at) AS since_at
  FROM task_runs AS run JOIN tasks AS task ON task.id = run.task_id
  WHERE run.ended_at >= :since AND task.status NOT IN (${SATISFIED})
  GROUP BY run.task_id HAVING count(*) >= :attempts
  ORDER BY attempts DESC, run.task_id LIMIT :limit`)

/** Open runs whose worker claimed tasks that it had not created. */
export const rejectedCards = statement<
  Limits,
  { task_id: string; title: string; run_id: number; payload: string; created_at: number }
>(`
  SELECT task.id AS task_id, task.title, event.run_id, event.payload, max(event.created_at) AS created_at
  FROM task_runs AS run JOIN task_events AS event ON event.run_id = run.id AND event.kind = 'cards_rejected'
    JOIN tasks AS task ON task.id = run.task_id
  WHERE run.open_run_id IS NOT NULL GROUP BY run.id ORDER BY created_at LIMIT :limit`)
