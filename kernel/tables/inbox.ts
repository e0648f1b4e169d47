import { ATTENTION_EVENT_KINDS, type EventKind, FAILURE_EVENT_KINDS } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { quoted, SATISFIED } from './names.ts'
import type { TaskRow } from './tasks.ts'

/** A triage task for which planned tasks wait to be accepted. */
const HAS_PLAN = `EXISTS (
  SELECT 1 FROM task_links AS link CROSS JOIN tasks AS part ON part.id = link.parent_id
  WHERE link.child_id = task.id AND part.held = 1 AND part.status NOT IN (${SATISFIED}))`

const WAITS = `(task.status IN ('blocked', 'review') OR (task.status = 'triage' AND ${HAS_PLAN}))`

/**
 * A task begins to wait for a person with one of these events; an idea with the first part of its plan, or when it is
 * restored.
 */
const WAIT_BEGINS = quoted([...ATTENTION_EVENT_KINDS, 'linked', 'restored'])
/** The end of a task's work, or of an attempt. */
const ENDS = quoted(['completed', 'approved', ...FAILURE_EVENT_KINDS])

/** Tasks that wait for a person, with the event that says so. */
export const waiting = statement<
  { limit: number },
  TaskRow & { event_id: number | null; event_kind: EventKind | null; event_at: number | null }
>(`
  SELECT task.*, event.id AS event_id, event.kind AS event_kind, event.created_at AS event_at
  FROM tasks AS task LEFT JOIN task_events AS event ON event.id = (
    SELECT max(id) FROM task_events WHERE task_id = task.id AND kind IN (${WAIT_BEGINS})
  )
  WHERE task.status IN ('blocked', 'review', 'triage') AND ${WAITS}
  ORDER BY event.id DESC, task.updated_at DESC, task.rowid DESC LIMIT :limit`)

export const countWaiting = statement<Record<never, never>, { count: number }>(
  `SELECT count(*) AS count FROM tasks AS task WHERE task.status IN ('blocked', 'review', 'triage') AND ${WAITS}`,
)

/** Tasks that have begun to wait after a cursor. */
export const countNewlyWaiting = statement<{ since: number }, { count: number }>(`
  SELECT count(*) AS count FROM tasks AS task
  WHERE task.status IN ('blocked', 'review', 'triage') AND ${WAITS} AND EXISTS (
    SELECT 1 FROM task_events AS event WHERE event.task_id = task.id AND event.id > :since
      AND event.kind IN (${WAIT_BEGINS})
  )`)

export interface ToldRow {
  id: number
  task_id: string
  run_id: number | null
  kind: EventKind
  created_at: number
}

/** The newest end of each task after a cursor, newest first; examines at most `depth` events. */
export const endsSince = statement<{ since: number; depth: number }, ToldRow>(`
  SELECT max(id) AS id, task_id, run_id, kind, created_at FROM (
    SELECT id, task_id, run_id, kind, created_at FROM task_events WHERE id > :since ORDER BY id DESC LIMIT :depth
  )
  WHERE task_id IS NOT NULL AND kind IN (${ENDS})
  GROUP BY task_id ORDER BY id DESC`)
