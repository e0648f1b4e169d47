import type { Task } from './rows.ts'

/** Columns that every task sets for itself. */
const OWN_COLUMNS = [
  'id',
  'title',
  'status',
  'created_by',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Task)[]

/** The initial values of all other columns of a new task. A missing column does not compile. */
export const BLANK_TASK: Readonly<Omit<Task, (typeof OWN_COLUMNS)[number]>> = {
  body: null,
  assignee: null,
  priority: 0,
  tenant: null,
  started_at: null,
  completed_at: null,
  not_before_at: null,
  retry_at: null,
  ready_at: null,
  held: false,
  held_reason: null,
  block_kind: null,
  block_reason: null,
  workspace_kind: 'scratch',
  workspace_path: null,
  branch: null,
  base_ref: null,
  result: null,
  idempotency_key: null,
  consecutive_failures: 0,
  last_failure_error: null,
  max_runtime_seconds: null,
  max_retries: null,
  skills: [],
  labels: [],
  due_at: null,
  rank: null,
  model: null,
  verify_command: null,
  current_run_id: null,
  workflow_template_id: null,
  current_step_key: null,
  plan_of: null,
  workspace_of: null,
  proposed_fields: null,
  merge_state: null,
  merged_at: null,
  merged_by: null,
  merged_into: null,
  merged_commit: null,
  merged_base: null,
  merged_head: null,
  workflow_run_id: null,
  project_dir: null,
}

/** The columns of a task, without making the schema of its row. */
export const TASK_COLUMNS: readonly string[] = [...OWN_COLUMNS, ...Object.keys(BLANK_TASK)]
