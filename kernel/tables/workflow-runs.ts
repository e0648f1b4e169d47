import type { EndState } from '../../contract/workflow-kinds.ts'
import { statement } from '../db/statement.ts'

/** One walk of a card through one version of a template. */
export interface WorkflowRunRow {
  id: number
  task_id: string
  template_id: number
  /** JSON: input → value. */
  inputs: string
  /** JSON: role → profile. */
  roles: string
  started_by: string
  started_at: number
  ended_at: number | null
  end_key: string | null
  end_state: EndState | null
  retried_from: number | null
  /** JSON: the workflows of its items, by name. See `Parts`. */
  parts: string
  /** The assignee of the card before the walk; empty for none, null where it is not known. */
  assignee_before: string | null
}

/** One entry of the card into a step. */
export interface VisitRow {
  id: number
  workflow_run_id: number
  step_key: string
  visit: number
  entered_at: number
  entered_by: string
  entered_from: string | null
  entered_via: string | null
  left_at: number | null
  verdict: string | null
  summary: string | null
  /** JSON: the metadata that its verdict came with. */
  outputs: string | null
  head_in: string | null
  head_out: string | null
  valid: 0 | 1
  /** A verdict that a limit stopped: it was given, but the card stays at the step. */
  held_verdict: string | null
  /** Whether a person let the visit continue after a limit had stopped it. */
  let_on: 0 | 1
  /** The visit of an earlier walk whose result this one only repeats, for a card that was started again. */
  copied_from: number | null
}

/** @returns the visit that has the items: a visit that only repeats the result of another has none of its own */
export function itemsVisitOf({ copied_from, id }: Pick<VisitRow, 'copied_from' | 'id'>): number {
  return copied_from ?? id
}

export const WALK_COLUMNS =
  'id, task_id, template_id, inputs, roles, started_by, started_at, ended_at, end_key, end_state, retried_from, parts, assignee_before'

export const byId = statement<{ id: number }, WorkflowRunRow>(
  `SELECT ${WALK_COLUMNS} FROM workflow_runs WHERE id = :id`,
)

export const ofTask = statement<{ task_id: string }, WorkflowRunRow>(
  `SELECT ${WALK_COLUMNS} FROM workflow_runs WHERE task_id = :task_id ORDER BY id`,
)

/** @param name the name of a template; null for all */
export const newest = statement<
  { name: string | null; limit: number },
  WorkflowRunRow & { name: string; version: number; title: string; current_step_key: string | null }
>(`
  SELECT ${WALK_COLUMNS.split(', ')
    .map((column) => `walk.${column}`)
    .join(', ')}, template.name, template.version, task.title, task.current_step_key
  FROM workflow_runs AS walk
  JOIN workflow_templates AS template ON template.id = walk.template_id JOIN tasks AS task ON task.id = walk.task_id
  WHERE :name IS NULL OR template.name = :name ORDER BY walk.id DESC LIMIT :limit`)

/** How many walks of each template are open, succeeded, and ended. */
export const counts = statement<
  Record<never, never>,
  { name: string; running: number; succeeded: number; ended: number }
>(`
  SELECT template.name, sum(walk.ended_at IS NULL) AS running, sum(walk.end_state = 'succeeded') AS succeeded,
    sum(walk.ended_at IS NOT NULL) AS ended
  FROM workflow_runs AS walk JOIN workflow_templates AS template ON template.id = walk.template_id
  GROUP BY template.name`)

/** How long the newest ended walks of a workflow took, and how often each went back. */
export const durations = statement<{ name: string; limit: number }, { ms: number; rounds: number }>(`
  SELECT max(0, walk.ended_at - walk.started_at) AS ms, (
    SELECT count(*) FROM workflow_visits AS visit
    JOIN workflow_edges AS way ON way.template_id = walk.template_id AND way.from_key = visit.entered_from
      AND way.verdict = visit.entered_via
    WHERE visit.workflow_run_id = walk.id AND way.max_rounds IS NOT NULL AND visit.copied_from IS NULL
  ) AS rounds
  FROM workflow_runs AS walk JOIN workflow_templates AS template ON template.id = walk.template_id
  WHERE template.name = :name AND walk.ended_at IS NOT NULL ORDER BY walk.id DESC LIMIT :limit`)

export const insert = statement<
  Omit<WorkflowRunRow, 'id' | 'ended_at' | 'end_key' | 'end_state'>,
  WorkflowRunRow
>(`
  INSERT INTO workflow_runs (
    task_id, template_id, inputs, roles, started_by, started_at, retried_from, parts, assignee_before
  )
  VALUES (
    :task_id, :template_id, :inputs, :roles, :started_by, :started_at, :retried_from, :parts, :assignee_before
  ) RETURNING ${WALK_COLUMNS}`)

/** Returns no row when the walk has already ended. */
export const end = statement<
  { id: number; now: number; end_key: string | null; end_state: EndState },
  WorkflowRunRow
>(`
  UPDATE workflow_runs SET ended_at = :now, end_key = :end_key, end_state = :end_state
  WHERE id = :id AND ended_at IS NULL RETURNING ${WALK_COLUMNS}`)

export const visitsOf = statement<{ workflow_run_id: number }, VisitRow>(
  'SELECT * FROM workflow_visits WHERE workflow_run_id = :workflow_run_id ORDER BY id',
)

export const enter = statement<
  Pick<
    VisitRow,
    'workflow_run_id' | 'step_key' | 'visit' | 'entered_by' | 'entered_from' | 'entered_via' | 'head_in'
  > & { now: number },
  VisitRow
>(`
  INSERT INTO workflow_visits (workflow_run_id, step_key, visit, entered_at, entered_by, entered_from, entered_via, head_in)
  VALUES (:workflow_run_id, :step_key, :visit, :now, :entered_by, :entered_from, :entered_via, :head_in) RETURNING *`)

/** A visit of an earlier walk, as a result of this one. */
export const copy = statement<{ workflow_run_id: number; id: number; visit: number }, VisitRow>(`
  INSERT INTO workflow_visits (workflow_run_id, step_key, visit, entered_at, entered_by, left_at, verdict, summary, outputs,
    head_in, head_out, copied_from)
  SELECT :workflow_run_id, step_key, :visit, entered_at, entered_by, left_at, verdict, summary, outputs, head_in, head_out,
    coalesce(copied_from, id)
  FROM workflow_visits WHERE id = :id RETURNING *`)

/** A visit, with the id of its card. */
export const visitById = statement<{ id: number }, VisitRow & { task_id: string }>(`
  SELECT visit.*, walk.task_id FROM workflow_visits AS visit JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
  WHERE visit.id = :id`)

/** Returns no row when the visit has already ended. */
export const leave = statement<
  Pick<VisitRow, 'id' | 'summary' | 'outputs' | 'head_out'> & { verdict: string; now: number },
  VisitRow
>(`
  UPDATE workflow_visits
  SET left_at = :now, verdict = :verdict, summary = coalesce(:summary, summary), outputs = coalesce(:outputs, outputs),
    head_out = coalesce(:head_out, head_out),
    held_verdict = NULL
  WHERE id = :id AND left_at IS NULL RETURNING *`)

/** @param steps JSON list of step keys: their ended visits become invalid */
export const invalidate = statement<{ workflow_run_id: number; steps: string }, never>(`
  UPDATE workflow_visits SET valid = 0
  WHERE workflow_run_id = :workflow_run_id AND left_at IS NOT NULL
    AND step_key IN (SELECT value FROM json_each(:steps))`)

/** Stores a stopped verdict on its visit, which stays open. */
export const hold = statement<
  Pick<VisitRow, 'id' | 'held_verdict' | 'summary' | 'outputs' | 'head_out'>,
  never
>(`
  UPDATE workflow_visits SET held_verdict = :held_verdict, summary = :summary, outputs = :outputs, head_out = :head_out
  WHERE id = :id AND left_at IS NULL`)

export const letOn = statement<{ id: number }, never>('UPDATE workflow_visits SET let_on = 1 WHERE id = :id')

/** The commit that a person is asked about. */
export const setHeadIn = statement<{ id: number; head_in: string | null }, never>(
  'UPDATE workflow_visits SET head_in = :head_in WHERE id = :id AND left_at IS NULL',
)
