import type { EventKind } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'

/** A row of `task_events`; payload is JSON text or null. */
export interface EventRow {
  id: number
  task_id: string | null
  run_id: number | null
  kind: EventKind
  payload: string | null
  actor: string
  created_at: number
}

const columns = 'id, task_id, run_id, kind, payload, actor, created_at'

/** Keeps the events of a task in time order, even if the machine's clock is set back between two of them. */
export const insert = statement<Omit<EventRow, 'id'>, never>(`
  INSERT INTO task_events (task_id, run_id, kind, payload, actor, created_at)
  VALUES (:task_id, :run_id, :kind, :payload, :actor, max(:created_at, coalesce(
    (SELECT created_at FROM task_events WHERE task_id = :task_id ORDER BY id DESC LIMIT 1), 0)))`)

export const ofTask = statement<{ task_id: string }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE task_id = :task_id ORDER BY id`,
)

export const newestOf = statement<{ task_id: string; before: number }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE task_id = :task_id AND id < :before ORDER BY id DESC`,
)

export const countOf = statement<{ task_id: string; before: number }, { count: number }>(
  'SELECT count(*) AS count FROM task_events WHERE task_id = :task_id AND id < :before',
)

export const newestOfOneRun = statement<{ run_id: number }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE run_id = :run_id ORDER BY id DESC`,
)

export const countAllOfRun = statement<{ run_id: number }, { count: number }>(
  'SELECT count(*) AS count FROM task_events WHERE run_id = :run_id',
)

/** Whether a plan was accepted for a task, according to the event of its promotion out of triage. */
export const acceptedPlanOf = statement<{ task_id: string }, { id: number }>(`
  SELECT id FROM task_events WHERE task_id = :task_id AND kind = 'promoted' AND payload ->> 'plan' = 1
  ORDER BY id DESC LIMIT 1`)

export const ofKind = statement<{ task_id: string; kind: EventKind }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE task_id = :task_id AND kind = :kind ORDER BY id`,
)

/** The newest merge of a task's work, or the revert of it. */
export const newestMergeEvent = statement<{ task_id: string }, EventRow>(`
  SELECT ${columns} FROM task_events WHERE task_id = :task_id AND kind IN ('merged', 'merge_reverted')
  ORDER BY id DESC LIMIT 1`)

export const ofRun = statement<{ run_id: number }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE run_id = :run_id ORDER BY id`,
)

export const since = statement<{ since: number; limit: number }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE id > :since ORDER BY id LIMIT :limit`,
)

export const sinceOfTask = statement<{ since: number; task_id: string; limit: number }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE task_id = :task_id AND id > :since ORDER BY id LIMIT :limit`,
)

/** The newest event's id, 0 on a board without events: the current cursor. */
export const cursor = statement<Record<never, never>, { id: number }>(
  `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'task_events'), 0) AS id`,
)

/** The newest event of one kind on a run: heartbeats are written once a minute at most. */
export const newestOfRun = statement<{ run_id: number; kind: EventKind }, EventRow>(
  `SELECT ${columns} FROM task_events WHERE run_id = :run_id AND kind = :kind ORDER BY id DESC LIMIT 1`,
)

/** How many events of one kind a run has. */
export const countOfRun = statement<{ run_id: number; kind: EventKind }, { count: number }>(
  'SELECT count(*) AS count FROM task_events WHERE run_id = :run_id AND kind = :kind',
)

/**
 * Tasks that changed after a cursor. All of them: the caller continues from the newest event. (By rowid; the index over
 * task_id would be in the order of DISTINCT, and is read as a whole.)
 */
export const changedTasks = statement<{ since: number }, { task_id: string }>(
  'SELECT DISTINCT task_id FROM task_events NOT INDEXED WHERE id > :since AND task_id IS NOT NULL',
)

/** Profiles that were held, released or changed since a cursor. */
export const changedProfiles = statement<{ since: number }, { profile: string }>(`
  SELECT DISTINCT payload ->> 'profile' AS profile FROM task_events NOT INDEXED
  WHERE id > :since AND kind IN ('profile_held', 'profile_released', 'profile_changed') AND payload ->> 'profile' IS NOT NULL`)

/** Profiles with an event of one of their runs since a cursor. */
export const activeProfiles = statement<{ since: number }, { profile: string }>(`
  SELECT DISTINCT run.profile FROM task_events AS event NOT INDEXED CROSS JOIN task_runs AS run ON run.id = event.run_id
  WHERE event.id > :since AND event.kind <> 'heartbeat' AND run.profile IS NOT NULL`)

export const deletedSince = statement<{ since: number }, { task_id: string }>(`
  SELECT payload ->> 'id' AS task_id FROM task_events WHERE id > :since AND kind = 'task_deleted'`)

/**
 * Both ends of links that were removed since a cursor, because no row connects them any more. The end of a visit removes
 * the links of its items.
 */
export const partedSince = statement<{ since: number }, { id: string }>(`
  SELECT payload ->> 'parent' AS id FROM task_events WHERE id > :since AND kind = 'unlinked'
  UNION
  SELECT near.value FROM task_events AS event, json_each(event.payload, '$.parents') AS near
  WHERE event.id > :since AND event.kind = 'task_deleted'
  UNION
  SELECT near.value FROM task_events AS event, json_each(event.payload, '$.children') AS near
  WHERE event.id > :since AND event.kind = 'task_deleted'
  UNION
  SELECT item.task_id FROM task_events AS event
  CROSS JOIN workflow_runs AS walk ON walk.task_id = event.task_id
  CROSS JOIN workflow_visits AS visit ON visit.workflow_run_id = walk.id
  CROSS JOIN workflow_items AS item ON item.visit_id = visit.id
  WHERE event.id > :since AND event.kind IN ('step_left', 'workflow_ended') AND item.task_id IS NOT NULL AND (
    (event.kind = 'step_left' AND visit.step_key = event.payload ->> 'step' AND visit.visit = event.payload ->> 'visit')
    OR (event.kind = 'workflow_ended' AND visit.verdict = 'cancelled'))`)

/** Whether the whole board was replaced after a cursor. */
export const replacedSince = statement<{ since: number }, { id: number }>(
  `SELECT id FROM task_events WHERE id > :since AND kind = 'board_restored' ORDER BY id DESC LIMIT 1`,
)

/** People's answers and notes on a task since a moment: review notes, answers to blocks, notes of retries. */
export const notesOf = statement<{ task_id: string }, EventRow>(`
  SELECT ${columns} FROM task_events
  WHERE task_id = :task_id AND kind IN ('changes_requested', 'unblocked', 'retried', 'reopened', 'approved')
  ORDER BY id`)

/** The kinds of a task’s events after an event. */
export const kindsSince = statement<{ task_id: string; since: number }, { kind: EventRow['kind'] }>(
  'SELECT DISTINCT kind FROM task_events WHERE task_id = :task_id AND id > :since',
)
