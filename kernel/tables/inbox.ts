import {
  ATTENTION_EVENT_KINDS,
  type EventKind,
  FAILURE_EVENT_KINDS,
  type InboxGroup,
  type TaskStatus,
} from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { quoted, SATISFIED } from './names.ts'
import type { TaskRow } from './tasks.ts'

/** A triage task for which planned tasks wait to be accepted. */
const HAS_PLAN = `EXISTS (
  SELECT 1 FROM task_links AS link CROSS JOIN tasks AS part ON part.id = link.parent_id
  WHERE link.child_id = task.id AND part.held = 1 AND part.status NOT IN (${SATISFIED}))`

/** The task runs, and its run waits for an answer. */
const ASKS = `(task.status = 'running' AND EXISTS (
  SELECT 1 FROM questions AS question WHERE question.open_run_id = task.current_run_id))`

const WAITS = `(task.status IN ('blocked', 'review') OR (task.status = 'triage' AND ${HAS_PLAN}) OR ${ASKS})`

/** The statuses of tasks that may wait: an index finds those few. */
const MAY_WAIT = `task.status IN ('blocked', 'review', 'triage', 'running')`

/** The task is at an approve step of a workflow. */
const ASKS_STEP = `(task.workflow_run_id IS NOT NULL AND EXISTS (
  SELECT 1 FROM workflow_visits AS visit
    JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
    JOIN workflow_steps AS step ON step.template_id = walk.template_id AND step.key = visit.step_key
  WHERE visit.workflow_run_id = task.workflow_run_id AND visit.left_at IS NULL AND step.kind = 'approve'))`

/** The group of a task that waits. */
const GROUP = `CASE
  WHEN task.status = 'blocked' AND task.block_kind = 'gave_up' THEN 'failures'
  WHEN task.status = 'review' AND NOT ${ASKS_STEP} THEN 'reviews'
  ELSE 'questions' END`

/**
 * A task begins to wait for a person with one of these events; an idea with the first part of its plan, or when it is
 * restored.
 */
const WAIT_BEGINS = quoted([...ATTENTION_EVENT_KINDS, 'linked', 'restored'])
/** The end of a task's work, or of an attempt. */
const ENDS = quoted(['completed', 'approved', ...FAILURE_EVENT_KINDS])

/** The newest event that a person has seen: by the mark of the task, else by that of the board. */
const SEEN = `coalesce(
  (SELECT CAST(value AS INTEGER) FROM board_state WHERE key = 'inbox_seen/' || task.id), :since)`

/** Tasks of one group that wait for a person, with the event that says so; the one that waits the longest first. */
export const waiting = statement<
  { group: InboxGroup; since: number; limit: number },
  TaskRow & {
    event_id: number | null
    event_kind: EventKind | null
    event_at: number | null
    seen: number
  }
>(`
  SELECT task.*, event.id AS event_id, event.kind AS event_kind, event.created_at AS event_at, ${SEEN} AS seen
  FROM tasks AS task LEFT JOIN task_events AS event ON event.id = (
    SELECT max(id) FROM task_events WHERE task_id = task.id AND kind IN (${WAIT_BEGINS})
  )
  WHERE ${MAY_WAIT} AND ${WAITS} AND ${GROUP} = :group
  ORDER BY event.id, task.updated_at, task.rowid LIMIT :limit`)

export const waitingIds = statement<{ group: InboxGroup }, { id: string }>(`
  SELECT task.id FROM tasks AS task
  WHERE ${MAY_WAIT} AND ${WAITS} AND ${GROUP} = :group`)

/** How many tasks of each group wait for a person. */
export const countWaiting = statement<Record<never, never>, { name: InboxGroup; count: number }>(`
  SELECT ${GROUP} AS name, count(*) AS count FROM tasks AS task
  WHERE ${MAY_WAIT} AND ${WAITS} GROUP BY name`)

/** How many tasks have begun to wait and were not seen since. */
export const countNewlyWaiting = statement<{ since: number }, { count: number }>(`
  SELECT count(*) AS count FROM tasks AS task
  WHERE ${MAY_WAIT} AND ${WAITS} AND EXISTS (
    SELECT 1 FROM task_events AS event WHERE event.task_id = task.id AND event.id > ${SEEN}
      AND event.kind IN (${WAIT_BEGINS})
  )`)

/** The newest end of a task, for an entry of the inbox. */
export interface EndRow {
  id: number
  task_id: string
  run_id: number | null
  kind: EventKind
  created_at: number
  status: TaskStatus
}

/**
 * The newest end of each task that was not seen, oldest first, with the task's status now. Examines at most `depth`
 * events after the cursor, and the events of the tasks that were marked as not seen.
 */
export const endsSince = statement<{ since: number; depth: number }, EndRow>(`
  WITH mark (task_id, seen) AS MATERIALIZED (
    SELECT substr(key, length('inbox_seen/') + 1), CAST(value AS INTEGER) FROM board_state
    WHERE key >= 'inbox_seen/' AND key < 'inbox_seen0'
  ),
  told AS (
    SELECT * FROM (
      SELECT id, task_id, run_id, kind, created_at FROM task_events WHERE id > :since ORDER BY id DESC LIMIT :depth
    )
    UNION ALL
    SELECT event.id, event.task_id, event.run_id, event.kind, event.created_at
    FROM mark CROSS JOIN task_events AS event ON event.task_id = mark.task_id
    WHERE mark.seen < :since AND event.id > mark.seen AND event.id <= :since
  )
  SELECT max(told.id) AS id, told.task_id, told.run_id, told.kind, told.created_at, task.status
  FROM told JOIN tasks AS task ON task.id = told.task_id LEFT JOIN mark ON mark.task_id = told.task_id
  WHERE told.kind IN (${ENDS}) AND told.id > coalesce(mark.seen, :since)
  GROUP BY told.task_id ORDER BY id`)

/** The newest event that put a task into the inbox. */
export const newestEntry = statement<{ task_id: string }, { id: number | null }>(`
  SELECT max(id) AS id FROM task_events WHERE task_id = :task_id AND kind IN (${WAIT_BEGINS}, ${ENDS})`)
