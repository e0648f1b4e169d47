import { statement } from '../db/statement.ts'
import { SATISFIED } from './names.ts'

/** What can be deleted of tasks that have long been done or archived. Nothing here touches an open task. */

/**
 * Kinds that are kept: people's words, which later attempts read when the task is reopened; the origin of a task; and
 * late messages of a worker.
 */
const KEPT_KINDS = `('created', 'blocked', 'changes_requested', 'unblocked', 'retried', 'reopened', 'approved', 'merged', 'merge_reverted', 'cleaned_up', 'discarded', 'commented', 'late_write')`

const old = `FROM task_events AS event
  WHERE event.created_at < :before AND event.kind NOT IN ${KEPT_KINDS} AND event.task_id IN (
    SELECT id FROM tasks WHERE status IN (${SATISFIED}) AND updated_at < :before
  )`

export const countOldEvents = statement<{ before: number }, { count: number }>(
  `SELECT count(*) AS count ${old}`,
)

/** Deletes a few at a time, so that the lock is never held for long. */
export const removeOldEvents = statement<{ before: number; limit: number }>(`
  DELETE FROM task_events WHERE id IN (SELECT event.id ${old} LIMIT :limit)`)

/** Tasks that ended before a moment. */
export const endedBefore = statement<{ before: number }, { id: string }>(`
  SELECT id FROM tasks WHERE status IN (${SATISFIED}) AND updated_at < :before`)

/**
 * Folders made for tasks that ended before a moment, together with all that is below them or shares the folder. Leaves out
 * the folders of items while their carrier's walk is open, because its later steps may read them.
 */
export const idleWorkspaces = statement<{ before: number }, { id: string; workspace_path: string }>(`
  SELECT task.id, task.workspace_path FROM tasks AS task
  WHERE task.workspace_kind IN ('scratch', 'worktree') AND task.workspace_path IS NOT NULL AND task.workspace_of IS NULL
    AND task.status IN (${SATISFIED}) AND task.updated_at < :before
    AND NOT EXISTS (
      SELECT 1 FROM tasks AS other
      WHERE (other.workspace_of = task.id OR other.workspace_path = task.workspace_path)
        AND (other.status NOT IN (${SATISFIED}) OR other.updated_at >= :before)
    )
    AND NOT EXISTS (
      WITH RECURSIVE below (id) AS (
        SELECT child_id FROM task_links WHERE parent_id = task.id
        UNION
        SELECT link.child_id FROM task_links AS link JOIN below ON link.parent_id = below.id
      )
      SELECT 1 FROM below JOIN tasks AS other ON other.id = below.id
      WHERE other.status NOT IN (${SATISFIED}) OR other.updated_at >= :before
    )
    AND NOT EXISTS (
      SELECT 1 FROM workflow_items AS item
      JOIN workflow_visits AS visit ON visit.id = item.visit_id
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id AND walk.ended_at IS NULL
      JOIN tasks AS carrier ON carrier.id = walk.task_id
      WHERE item.task_id = task.id AND (carrier.status NOT IN (${SATISFIED}) OR carrier.updated_at >= :before)
    )
  ORDER BY task.id`)
