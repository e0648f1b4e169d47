import type { MergeState, Outcome, TaskStatus } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { SATISFIED } from './names.ts'
import type { TaskRow } from './tasks.ts'

/** A task with what its card shows beside it. Lists are JSON text. */
export interface CardRow extends TaskRow {
  parents: string
  children: string
  open_parents: string
  comment_count: number
  children_done: number
  unmerged_parents: string
  uncommitted_files: number | null
  /** JSON of `WalkProgress`; null for a card without a walk. */
  progress: string | null
  attempt_count: number
  last_outcome: Outcome | null
  /** The beginning of the error of a last attempt that crashed. */
  last_crash: string | null
  latest_summary: string | null
  run_started_at: number | null
  run_heartbeat_at: number | null
  run_heartbeat_note: string | null
}

const steps = `SELECT count(*) FROM workflow_steps AS step
      WHERE step.template_id = walk.template_id AND step.kind NOT IN ('end', 'decide')`
const items = `SELECT count(*) FROM workflow_items AS item JOIN workflow_visits AS visit ON visit.id = item.visit_id
      WHERE visit.workflow_run_id = walk.id AND visit.left_at IS NULL`
/** For a card without a walk this reads only one column. */
const progress = `iif(task.workflow_run_id IS NULL, NULL, (
    SELECT json_object(
      'at', (${steps} AND step.position <= here.position), 'of', (${steps}),
      'round', (SELECT count(*) FROM workflow_visits AS again WHERE again.workflow_run_id = walk.id
        AND again.step_key = taken.step_key AND again.entered_from = taken.entered_from
        AND again.entered_via = taken.entered_via AND taken.id IS NOT NULL),
      'rounds', (SELECT way.max_rounds FROM workflow_edges AS way WHERE way.template_id = walk.template_id
        AND way.from_key = taken.entered_from AND way.verdict = taken.entered_via),
      'items_done', iif(here.kind = 'map', (${items} AND item.state <> 'open'), NULL),
      'items', iif(here.kind = 'map', (${items}), NULL))
    FROM workflow_runs AS walk
    JOIN workflow_steps AS here ON here.template_id = walk.template_id AND here.key = task.current_step_key
    LEFT JOIN workflow_visits AS taken ON taken.id = (
      SELECT max(visit.id) FROM workflow_visits AS visit JOIN workflow_edges AS way
        ON way.template_id = walk.template_id AND way.from_key = visit.entered_from AND way.verdict = visit.entered_via
      WHERE visit.workflow_run_id = walk.id AND way.max_rounds IS NOT NULL)
    WHERE walk.id = task.workflow_run_id))`

const facts = `
  (SELECT json_group_array(link.parent_id) FROM task_links AS link WHERE link.child_id = task.id) AS parents,
  (SELECT json_group_array(link.child_id) FROM task_links AS link WHERE link.parent_id = task.id) AS children,
  (SELECT json_group_array(parent.id) FROM task_links AS link CROSS JOIN tasks AS parent ON parent.id = link.parent_id
    WHERE link.child_id = task.id AND parent.status NOT IN (${SATISFIED})) AS open_parents,
  (SELECT count(*) FROM task_comments AS comment WHERE comment.task_id = task.id) AS comment_count,
  (SELECT count(*) FROM task_links AS link CROSS JOIN tasks AS child ON child.id = link.child_id
    WHERE link.parent_id = task.id AND child.status IN (${SATISFIED})) AS children_done,
  (SELECT json_group_array(parent.id) FROM task_links AS link CROSS JOIN tasks AS parent ON parent.id = link.parent_id
    WHERE link.child_id = task.id AND parent.merge_state = 'not_merged' AND parent.status IN (${SATISFIED}))
    AS unmerged_parents,
  iif(task.merge_state = 'not_merged', (SELECT run.observed ->> 'work_uncommitted' FROM task_runs AS run
    WHERE run.task_id = task.id AND run.observed ->> 'work_files_count' IS NOT NULL
    ORDER BY run.attempt DESC LIMIT 1), NULL) AS uncommitted_files,
  ${progress} AS progress,
  coalesce((SELECT max(run.attempt) FROM task_runs AS run WHERE run.task_id = task.id), 0) AS attempt_count,
  (SELECT run.outcome FROM task_runs AS run WHERE run.task_id = task.id AND run.outcome IS NOT NULL
    ORDER BY run.attempt DESC LIMIT 1) AS last_outcome,
  (SELECT iif(run.outcome = 'crashed', substr(run.error, 1, 500), NULL) FROM task_runs AS run
    WHERE run.task_id = task.id AND run.outcome IS NOT NULL ORDER BY run.attempt DESC LIMIT 1) AS last_crash,
  (SELECT run.summary FROM task_runs AS run WHERE run.task_id = task.id AND run.summary IS NOT NULL
    ORDER BY run.attempt DESC LIMIT 1) AS latest_summary,
  current.started_at AS run_started_at,
  current.last_heartbeat_at AS run_heartbeat_at,
  current.last_heartbeat_note AS run_heartbeat_note`

const select = `SELECT task.*, ${facts} FROM tasks AS task LEFT JOIN task_runs AS current ON current.id = task.current_run_id`

export const byIds = statement<{ ids: string }, CardRow>(
  `${select} WHERE task.id IN (SELECT value FROM json_each(:ids))`,
)

/** Tasks that may have failed and still be open, with the columns that decide it. */
export const failing = statement<
  Record<never, never>,
  Pick<CardRow, 'status' | 'block_kind' | 'consecutive_failures' | 'last_outcome'>
>(`
  SELECT task.status, task.block_kind, task.consecutive_failures,
    (SELECT run.outcome FROM task_runs AS run WHERE run.task_id = task.id AND run.outcome IS NOT NULL
      ORDER BY run.attempt DESC LIMIT 1) AS last_outcome
  FROM tasks AS task
  WHERE task.status NOT IN ('running', 'done', 'archived') AND task.consecutive_failures > 0`)

export interface ListFilter {
  /** JSON list of statuses; empty means any. */
  statuses: string
  archived: 0 | 1
  assignee: string | null
  tenant: string | null
  /** JSON list; a task must have all of them. */
  labels: string
  workflow_template_id: string | null
  current_step_key: string | null
  /** The stage of the step that a card on a walk is at. */
  stage: string | null
  /** JSON list of the ids that a search found; null without a search. */
  search: string | null
  merge_state: MergeState | null
  limit: number
  offset: number
}

const ORDERS = {
  created: 'task.created_at, task.rowid',
  '-created': 'task.created_at DESC, task.rowid DESC',
  priority: 'task.priority, task.created_at, task.rowid',
  // The same order as `column`, so that a list can continue a long column.
  '-priority': 'task.priority DESC, coalesce(task.rank, task.created_at), task.rowid',
  status: `CASE task.status WHEN 'triage' THEN 0 WHEN 'todo' THEN 1 WHEN 'ready' THEN 2 WHEN 'running' THEN 3
    WHEN 'review' THEN 4 WHEN 'blocked' THEN 5 WHEN 'done' THEN 6 ELSE 7 END, task.created_at, task.rowid`,
  assignee: 'task.assignee IS NULL, task.assignee, task.created_at, task.rowid',
  title: 'task.title COLLATE NOCASE, task.created_at, task.rowid',
  updated: 'task.updated_at, task.rowid',
  '-updated': 'task.updated_at DESC, task.rowid DESC',
} as const
export type CardOrder = keyof typeof ORDERS

function listStatement(order: CardOrder) {
  return statement<ListFilter, { id: string }>(`SELECT task.id FROM tasks AS task
    WHERE (json_array_length(:statuses) = 0 OR task.status IN (SELECT value FROM json_each(:statuses)))
      AND (:archived = 1 OR task.status <> 'archived')
      AND (:assignee IS NULL OR task.assignee = :assignee)
      AND (:tenant IS NULL OR task.tenant = :tenant)
      AND NOT EXISTS (SELECT value FROM json_each(:labels) EXCEPT SELECT value FROM json_each(task.labels))
      AND (:workflow_template_id IS NULL OR task.workflow_template_id = :workflow_template_id)
      AND (:current_step_key IS NULL OR task.current_step_key = :current_step_key)
      AND (:stage IS NULL OR EXISTS (SELECT 1 FROM workflow_runs AS walk JOIN workflow_steps AS step
        ON step.template_id = walk.template_id AND step.key = task.current_step_key
        WHERE walk.id = task.workflow_run_id AND step.stage = :stage))
      AND (:merge_state IS NULL OR task.merge_state = :merge_state)
      AND (:search IS NULL OR task.id IN (SELECT value FROM json_each(:search)))
    ORDER BY ${ORDERS[order]} LIMIT :limit OFFSET :offset`)
}

/** The ids of a list of cards, one statement for each order. */
export const list = {
  created: listStatement('created'),
  '-created': listStatement('-created'),
  priority: listStatement('priority'),
  '-priority': listStatement('-priority'),
  status: listStatement('status'),
  assignee: listStatement('assignee'),
  title: listStatement('title'),
  updated: listStatement('updated'),
  '-updated': listStatement('-updated'),
} as const satisfies Record<CardOrder, unknown>

/** One column of the board, in the order in which it would run. */
export const column = statement<{ status: TaskStatus; limit: number }, CardRow>(
  `${select} WHERE task.status = :status ORDER BY task.priority DESC, coalesce(task.rank, task.created_at), task.rowid LIMIT :limit`,
)

/** A column whose newest cards matter: done and archived. (Which ones they are comes first: the facts of a card cost more.) */
export const newestOfColumn = statement<{ status: TaskStatus; limit: number }, CardRow>(`${select}
  WHERE task.rowid IN (
    SELECT rowid FROM tasks WHERE status = :status ORDER BY updated_at DESC, rowid DESC LIMIT :limit
  )
  ORDER BY task.updated_at DESC, task.rowid DESC`)
