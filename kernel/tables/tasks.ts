import {
  type BlockKind,
  type CheckedInput,
  lazily,
  operations,
  type Task,
  TASK_COLUMNS,
  type TaskStatus,
} from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { SATISFIED } from './names.ts'

/** SQLite has no booleans and no lists: 0 or 1, and JSON text. */
type Stored<Value> = Value extends boolean ? 0 | 1 : Value extends readonly unknown[] ? string : Value

/** A row of `tasks`, as SQLite gives it: the fields that callers get, and those for the board only. */
export type TaskRow = { [Column in keyof Task]: Stored<Task[Column]> } & {
  /** The status that `restore` returns the task to. */
  archived_from: Exclude<TaskStatus, 'running' | 'archived'> | null
}

/** Every column. The contract names them, so a new one is added only there. */
export const COLUMNS = [...TASK_COLUMNS, 'archived_from']

/** The columns that `edit` sets. An assignee has verbs and events of its own. */
export type EditableColumn = Exclude<keyof CheckedInput<'task.edit'> & keyof TaskRow, 'id' | 'assignee'>
export const editableColumns = lazily(
  () =>
    COLUMNS.filter(
      (name) => name in operations['task.edit'].input.shape && name !== 'id' && name !== 'assignee',
    ) as EditableColumn[],
)

/** @returns the stored row of a task that has this form for callers */
export function toTaskRow(task: Task, archived_from: TaskRow['archived_from']): TaskRow {
  return {
    ...task,
    held: task.held ? 1 : 0,
    skills: JSON.stringify(task.skills),
    labels: JSON.stringify(task.labels),
    proposed_fields: task.proposed_fields === null ? null : JSON.stringify(task.proposed_fields),
    archived_from,
  }
}

const MERGE_COLUMNS = [
  'merge_state',
  'merged_at',
  'merged_by',
  'merged_into',
  'merged_commit',
  'merged_base',
  'merged_head',
] as const satisfies readonly (keyof TaskRow)[]

/** The facts about the merge of a task's work. */
export type MergeColumns = Pick<TaskRow, (typeof MERGE_COLUMNS)[number]>

const assign = (columns: readonly string[]) => columns.map((name) => `${name} = :${name}`).join(', ')

export const byId = statement<{ id: string }, TaskRow>('SELECT * FROM tasks WHERE id = :id')

export const statusOf = statement<{ id: string }, Pick<TaskRow, 'status'>>(
  'SELECT status FROM tasks WHERE id = :id',
)

/** @param end sorts after every id that begins with `start` */
export const startingWith = statement<
  { start: string; end: string; limit: number },
  Pick<TaskRow, 'id' | 'title'>
>('SELECT id, title FROM tasks WHERE id >= :start AND id < :end ORDER BY id LIMIT :limit')

export const byIdempotencyKey = statement<{ key: string }, TaskRow>(
  `SELECT * FROM tasks WHERE idempotency_key = :key AND status <> 'archived'`,
)

/** The next tasks of a profile, in the order in which they are claimed. */
export const readyOfProfile = statement<{ profile: string; limit: number }, { id: string }>(`
  SELECT id FROM tasks WHERE status = 'ready' AND held = 0 AND assignee = :profile
  ORDER BY priority DESC, coalesce(rank, ready_at), id LIMIT :limit`)

export const existing = statement<{ ids: string }, { id: string }>(
  'SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(:ids))',
)

/** Every column, so the stored row is the given one. */
export const insert = statement<TaskRow>(`
  INSERT INTO tasks (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((name) => `:${name}`).join(', ')})`)

/**
 * The guarded change of state: zero rows unless the task still is as the caller saw it. A place among ideas, which are
 * ordered the other way round, ends with the promotion.
 */
export const transition = statement<
  {
    id: string
    from: TaskStatus
    expected_run_id: number | null
    to: TaskStatus
    current_run_id: number | null
    ready_at: number | null
    block_kind: BlockKind | null
    block_reason: string | null
    completed_at: number | null
    retry_at: number | null
    archived_from: TaskRow['archived_from']
    now: number
  },
  TaskRow
>(`
  UPDATE tasks SET
    status = :to, current_run_id = :current_run_id, ready_at = :ready_at, block_kind = :block_kind,
    block_reason = :block_reason, completed_at = :completed_at, retry_at = :retry_at, archived_from = :archived_from,
    rank = iif(status = 'triage' AND :to <> 'archived', NULL, rank), updated_at = :now
  WHERE id = :id AND status = :from AND current_run_id IS :expected_run_id
  RETURNING *`)

/** Points a ready task at its new run, unless another claimer was faster. */
export const claim = statement<{ id: string; run_id: number; now: number }, TaskRow>(`
  UPDATE tasks SET
    status = 'running', current_run_id = :run_id, ready_at = NULL, retry_at = NULL,
    started_at = coalesce(started_at, :now), updated_at = :now
  WHERE id = :id AND status = 'ready'
  RETURNING *`)

export const setFailures = statement<{ id: string; failures: number; error: string | null }, never>(
  'UPDATE tasks SET consecutive_failures = :failures, last_failure_error = :error WHERE id = :id',
)

export const setHeld = statement<{ id: string; held: 0 | 1; reason: string | null; now: number }, TaskRow>(`
  UPDATE tasks SET held = :held, held_reason = :reason, updated_at = :now WHERE id = :id RETURNING *`)

export const setProposed = statement<{ id: string; proposed_fields: string | null; now: number }, TaskRow>(`
  UPDATE tasks SET proposed_fields = :proposed_fields, updated_at = :now WHERE id = :id RETURNING *`)

export const setRetryAt = statement<{ id: string; retry_at: number | null; now: number }, TaskRow>(`
  UPDATE tasks SET retry_at = :retry_at, updated_at = :now WHERE id = :id RETURNING *`)

/**
 * The tasks of one column with one priority, in the order in which the board shows them. `key` is what orders them: the
 * place a person chose, else the time that their column is ordered by.
 */
export const ofPriority = statement<{ status: TaskStatus; priority: number }, { id: string; key: number }>(`
  SELECT id, coalesce(rank, CASE status WHEN 'triage' THEN -created_at WHEN 'todo' THEN created_at
    WHEN 'ready' THEN ready_at ELSE updated_at END) AS key
  FROM tasks WHERE status = :status AND priority = :priority ORDER BY key, id`)

/** Leaves `updated_at` as it is: since when a task is in its status does not change with its place. */
export const setRank = statement<{ id: string; rank: number | null }, TaskRow>(
  'UPDATE tasks SET rank = :rank WHERE id = :id RETURNING *',
)

export const setNotBefore = statement<{ id: string; not_before_at: number | null; now: number }, TaskRow>(`
  UPDATE tasks SET not_before_at = :not_before_at, updated_at = :now WHERE id = :id RETURNING *`)

export const setAssignee = statement<{ id: string; assignee: string | null; now: number }, TaskRow>(`
  UPDATE tasks SET assignee = :assignee, updated_at = :now WHERE id = :id RETURNING *`)

/** Moves a task to a step of its walk. `workflow_run_id` null ends the walk. */
export const setStep = statement<
  Pick<TaskRow, 'id' | 'workflow_run_id' | 'workflow_template_id' | 'current_step_key' | 'assignee'> & {
    now: number
  },
  TaskRow
>(`
  UPDATE tasks SET workflow_run_id = :workflow_run_id, workflow_template_id = :workflow_template_id,
    current_step_key = :current_step_key, assignee = :assignee, updated_at = :now
  WHERE id = :id RETURNING *`)

export const setWorkspaceKind = statement<
  { id: string; kind: TaskRow['workspace_kind']; now: number },
  TaskRow
>('UPDATE tasks SET workspace_kind = :kind, updated_at = :now WHERE id = :id RETURNING *')

export const setResult = statement<{ id: string; result: string | null; now: number }, TaskRow>(`
  UPDATE tasks SET result = :result, updated_at = :now WHERE id = :id RETURNING *`)

export const setWorkspace = statement<{ id: string; path: string; branch: string | null }, never>(
  'UPDATE tasks SET workspace_path = :path, branch = coalesce(:branch, branch) WHERE id = :id',
)

/** @param updated_at unchanged if git was only read: reading does not change the task */
export const setMerge = statement<MergeColumns & { id: string; updated_at: number }, TaskRow>(`
  UPDATE tasks SET ${assign(MERGE_COLUMNS)}, updated_at = :updated_at
  WHERE id = :id RETURNING *`)

/** Finished tasks whose work has not been merged, newest first. */
export const notMerged = statement<{ limit: number }, TaskRow>(`
  SELECT * FROM tasks INDEXED BY tasks_not_merged
  WHERE merge_state = 'not_merged' AND status IN (${SATISFIED}) ORDER BY updated_at DESC LIMIT :limit`)

/** The editable columns, all of them: one that is not edited is given as it is. */
export const edit = statement<Pick<TaskRow, 'id' | EditableColumn> & { now: number }, TaskRow>(
  () => `
  UPDATE tasks SET ${assign(editableColumns())}, updated_at = :now
  WHERE id = :id RETURNING *`,
)

export const remove = statement<{ id: string }>(`DELETE FROM tasks WHERE id = :id AND status = 'archived'`)

/** Claimable tasks of one profile, best first. The index `tasks_claimable` answers it in order. */
export const claimableOf = statement<{ assignee: string; now: number; limit: number }, TaskRow>(`
  SELECT * FROM tasks
  WHERE status = 'ready' AND held = 0 AND assignee = :assignee
    AND (not_before_at IS NULL OR not_before_at <= :now) AND (retry_at IS NULL OR retry_at <= :now)
  ORDER BY priority DESC, coalesce(rank, ready_at), id
  LIMIT :limit`)

/**
 * Profiles that have ready tasks which are not held. It steps from name to name in the index, so the cost grows with
 * names and not with tasks. (Without this, SQLite reads every ready task.)
 */
export const readyAssignees = statement<Record<never, never>, { assignee: string }>(`
  WITH RECURSIVE names (assignee) AS (
    SELECT min(assignee) FROM tasks INDEXED BY tasks_claimable WHERE status = 'ready' AND held = 0
    UNION ALL
    SELECT (
      SELECT min(assignee) FROM tasks INDEXED BY tasks_claimable
      WHERE status = 'ready' AND held = 0 AND assignee > names.assignee
    ) FROM names WHERE names.assignee IS NOT NULL
  )
  SELECT assignee FROM names WHERE assignee IS NOT NULL`)

/** Ready tasks, for the plan of a dry run and for the sentences of what was skipped. */
export const ready = statement<{ limit: number }, TaskRow>(`
  SELECT * FROM tasks WHERE status = 'ready' ORDER BY priority DESC, coalesce(rank, ready_at), id LIMIT :limit`)

/** The next moment at which a ready task's gate opens by itself. */
export const nextDueAt = statement<{ now: number }, { at: number | null }>(`
  SELECT min(at) AS at FROM (
    SELECT min(retry_at) AS at FROM tasks INDEXED BY tasks_due
    WHERE status = 'ready' AND retry_at IS NOT NULL AND retry_at > :now
    UNION ALL
    SELECT min(not_before_at) FROM tasks INDEXED BY tasks_not_before
    WHERE status = 'ready' AND not_before_at IS NOT NULL AND not_before_at > :now
  )`)

/** Ready tasks that only wait out a backoff: what `dispatch --wait` waits for. */
export const waitingForRetry = statement<
  { now: number },
  { id: string; assignee: string; retry_at: number }
>(`
  SELECT id, assignee, retry_at FROM tasks INDEXED BY tasks_due
  WHERE status = 'ready' AND held = 0 AND assignee IS NOT NULL AND retry_at IS NOT NULL AND retry_at > :now
    AND (not_before_at IS NULL OR not_before_at <= retry_at)`)

/** Kept by triggers: counting the tasks themselves would read all of them. */
export const countByStatus = statement<Record<never, never>, { status: TaskStatus; count: number }>(
  'SELECT status, count FROM status_counts',
)

export const countByAssignee = statement<
  Record<never, never>,
  { assignee: string; status: TaskStatus; count: number }
>(
  `SELECT assignee, status, count(*) AS count FROM tasks WHERE assignee IS NOT NULL AND status <> 'archived' GROUP BY assignee, status`,
)

export const oldestReady = statement<Record<never, never>, { ready_at: number | null }>(
  `SELECT min(ready_at) AS ready_at FROM tasks WHERE status = 'ready'`,
)

/** Planners of a task that have not ended. Asked once when a plan is accepted. */
export const openPlannersOf = statement<{ id: string }, TaskRow>(`
  SELECT * FROM tasks WHERE plan_of = :id AND status NOT IN (${SATISFIED})`)

/** Tasks that the planner of a triage task has created and a person has not accepted yet: its held parents. */
export const heldPartsOf = statement<{ id: string }, TaskRow>(`
  SELECT task.* FROM task_links AS link CROSS JOIN tasks AS task ON task.id = link.parent_id
  WHERE link.child_id = :id AND task.held = 1 AND task.status NOT IN (${SATISFIED})
  ORDER BY task.created_at, task.rowid`)

/** The tasks that work in one workspace: its owner and those that share it. */
export const sharingWorkspace = statement<{ owner: string }, { id: string; status: TaskStatus }>(
  'SELECT id, status FROM tasks WHERE id = :owner OR workspace_of = :owner',
)

/** The folders of open tasks, current or future. */
export const openFolders = statement<Record<never, never>, { id: string; path: string }>(`
  SELECT task.id, task.workspace_path AS path FROM tasks AS task
  WHERE task.workspace_path IS NOT NULL AND task.status NOT IN (${SATISFIED})
  UNION ALL
  SELECT task.id, task.project_dir FROM tasks AS task
  WHERE task.project_dir IS NOT NULL AND task.status NOT IN (${SATISFIED})
  UNION ALL
  SELECT run.task_id, run.workspace_path FROM task_runs AS run
  WHERE run.ended_at IS NULL AND run.workspace_path IS NOT NULL`)

/** Like `taskRuns.followFolder`: folders that a person chose elsewhere stay. */
export const followFolder = statement<{ from: string; to: string }>(`
  UPDATE tasks SET workspace_path = :to || substr(workspace_path, length(:from) + 1)
  WHERE substr(workspace_path, 1, length(:from)) = :from`)

/** Tasks whose wait began in the future: the clock has been set back since. */
export const waitingFromFuture = statement<
  { from: number },
  { id: string; ready_at: number; retry_at: number }
>(`
  SELECT id, ready_at, retry_at FROM tasks
  WHERE status = 'ready' AND retry_at IS NOT NULL AND ready_at > :from`)

export const setWait = statement<{ id: string; ready_at: number; retry_at: number }>(
  `UPDATE tasks SET ready_at = :ready_at, retry_at = :retry_at WHERE id = :id AND status = 'ready'`,
)

/**
 * Tasks with a worktree of their own, in the project of the board, whose work may still be merged; the most recently changed
 * first.
 */
export const openWorktrees = statement<
  Record<never, never>,
  Pick<TaskRow, 'id' | 'branch' | 'workspace_path'>
>(`
  SELECT id, branch, workspace_path FROM tasks
  WHERE workspace_kind = 'worktree' AND workspace_path IS NOT NULL AND workspace_of IS NULL AND project_dir IS NULL
    AND (status NOT IN (${SATISFIED}) OR (status = 'done' AND merge_state = 'not_merged'))
  ORDER BY updated_at DESC LIMIT 500`)
