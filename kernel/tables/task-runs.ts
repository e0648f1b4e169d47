import type { Outcome, RunTrigger, SessionChoice, StopOutcome } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'

/** A row of `task_runs`, as SQLite gives it; JSON columns are text. Without its two generated columns. */
export interface RunRow {
  id: number
  task_id: string
  attempt: number
  profile: string | null
  step_key: string | null
  trigger: RunTrigger
  claim_lock: string | null
  claim_expires_at: number | null
  worker_pid: number | null
  worker_started_key: string | null
  keeper_pid: number | null
  keeper_started_key: string | null
  host: string | null
  max_runtime_seconds: number | null
  ready_at: number | null
  started_at: number
  spawned_at: number | null
  first_output_at: number | null
  last_heartbeat_at: number | null
  last_heartbeat_note: string | null
  stop_requested_at: number | null
  stop_outcome: StopOutcome | null
  stop_status: 'ready' | 'archived' | null
  stop_actor: string | null
  stop_reason: string | null
  ended_at: number | null
  outcome: Outcome | null
  exit_code: number | null
  signal: string | null
  exited_at: number | null
  summary: string | null
  metadata: string | null
  error: string | null
  error_fingerprint: string | null
  log_path: string | null
  context: string | null
  command: string | null
  workspace_path: string | null
  observed: string | null
  usage: string | null
  base_branch: string | null
  base_commit: string | null
  /** The visit of a workflow step that the run belongs to, and the verdict that the run gave. */
  visit_id: number | null
  verdict: string | null
  /** The session of its agent; its columns are explained in contract/run-rows.ts. */
  agent: string | null
  agent_session_id: string | null
  agent_cwd: string | null
  resumed_from_run: number | null
  session_choice: SessionChoice | null
}

/** All columns but the two generated ones, which serve the schema only. */
export const RUN_COLUMNS = [
  'id',
  'task_id',
  'attempt',
  'profile',
  'step_key',
  'trigger',
  'claim_lock',
  'claim_expires_at',
  'worker_pid',
  'worker_started_key',
  'keeper_pid',
  'keeper_started_key',
  'host',
  'max_runtime_seconds',
  'ready_at',
  'started_at',
  'spawned_at',
  'first_output_at',
  'last_heartbeat_at',
  'last_heartbeat_note',
  'stop_requested_at',
  'stop_outcome',
  'stop_status',
  'stop_actor',
  'stop_reason',
  'ended_at',
  'outcome',
  'exit_code',
  'signal',
  'exited_at',
  'summary',
  'metadata',
  'error',
  'error_fingerprint',
  'log_path',
  'context',
  'command',
  'workspace_path',
  'observed',
  'usage',
  'base_branch',
  'base_commit',
  'visit_id',
  'verdict',
  'agent',
  'agent_session_id',
  'agent_cwd',
  'resumed_from_run',
  'session_choice',
] as const satisfies readonly (keyof RunRow)[]

const columns = RUN_COLUMNS.join(', ')

export const byId = statement<{ id: number }, RunRow>(`SELECT ${columns} FROM task_runs WHERE id = :id`)

/** The task's runs, oldest first. */
export const ofTask = statement<{ task_id: string }, RunRow>(
  `SELECT ${columns} FROM task_runs WHERE task_id = :task_id ORDER BY attempt`,
)

/** The columns of a run in lists. The context of its worker can be half a megabyte, so it is left out. */
export const LISTED_COLUMNS = RUN_COLUMNS.map((column) => (column === 'context' ? 'NULL AS context' : column))

export const newestRunsOf = statement<{ task_id: string; before: number }, RunRow>(`
  SELECT ${LISTED_COLUMNS.join(', ')} FROM task_runs
  WHERE task_id = :task_id AND attempt < :before ORDER BY attempt DESC`)

export const countOf = statement<{ task_id: string; before: number }, { count: number }>(
  'SELECT count(*) AS count FROM task_runs WHERE task_id = :task_id AND attempt < :before',
)

export const byAttempt = statement<{ task_id: string; attempt: number }, RunRow>(
  `SELECT ${columns} FROM task_runs WHERE task_id = :task_id AND attempt = :attempt`,
)

export const newestOf = statement<{ task_id: string }, RunRow>(
  `SELECT ${columns} FROM task_runs WHERE task_id = :task_id ORDER BY attempt DESC LIMIT 1`,
)

/** Every open run of the board. */
export const open = statement<Record<never, never>, RunRow>(
  `SELECT ${columns} FROM task_runs WHERE open_run_id IS NOT NULL ORDER BY open_run_id`,
)

/** The visit that a new run of a task belongs to; NULL without a walk through a workflow. */
const OPEN_VISIT = `(
  SELECT visit.id FROM tasks AS task JOIN workflow_visits AS visit
    ON visit.workflow_run_id = task.workflow_run_id AND visit.left_at IS NULL
  WHERE task.id = :task_id)`

/** Opens a run; its attempt number is the task's next one. */
export const insert = statement<
  Pick<
    RunRow,
    | 'task_id'
    | 'profile'
    | 'step_key'
    | 'trigger'
    | 'claim_lock'
    | 'claim_expires_at'
    | 'host'
    | 'max_runtime_seconds'
    | 'ready_at'
    | 'started_at'
    | 'workspace_path'
  >,
  RunRow
>(`
  INSERT INTO task_runs (
    task_id, attempt, profile, step_key, trigger, claim_lock, claim_expires_at, host, max_runtime_seconds, ready_at,
    started_at, workspace_path, visit_id
  ) VALUES (
    :task_id, (SELECT coalesce(max(attempt), 0) + 1 FROM task_runs WHERE task_id = :task_id), :profile, :step_key,
    :trigger, :claim_lock, :claim_expires_at, :host, :max_runtime_seconds, :ready_at, :started_at, :workspace_path,
    ${OPEN_VISIT}
  ) RETURNING ${columns}`)

/** A run that begins and ends at the same moment: it carries the handoff of an unclaimed task. */
export const insertEnded = statement<
  Pick<RunRow, 'task_id' | 'profile' | 'step_key' | 'trigger' | 'summary' | 'metadata' | 'error'> & {
    outcome: Outcome
    now: number
  },
  RunRow
>(`
  INSERT INTO task_runs (
    task_id, attempt, profile, step_key, trigger, started_at, ended_at, outcome, summary, metadata, error, visit_id
  ) VALUES (
    :task_id, (SELECT coalesce(max(attempt), 0) + 1 FROM task_runs WHERE task_id = :task_id), :profile, :step_key,
    :trigger, :now, :now, :outcome, :summary, :metadata, :error, ${OPEN_VISIT}
  ) RETURNING ${columns}`)

/** Ends an open run; zero rows when it had already ended. */
export const close = statement<
  Pick<
    RunRow,
    | 'id'
    | 'summary'
    | 'metadata'
    | 'error'
    | 'error_fingerprint'
    | 'exit_code'
    | 'signal'
    | 'exited_at'
    | 'verdict'
  > & {
    outcome: Outcome
    now: number
  },
  RunRow
>(`
  UPDATE task_runs SET
    ended_at = max(:now, started_at, coalesce(spawned_at, 0), coalesce(first_output_at, 0)), outcome = :outcome, summary = :summary, metadata = :metadata, error = :error,
    error_fingerprint = :error_fingerprint, verdict = :verdict, exit_code = coalesce(:exit_code, exit_code),
    signal = coalesce(:signal, signal), exited_at = coalesce(:exited_at, exited_at)
  WHERE id = :id AND ended_at IS NULL
  RETURNING ${columns}`)

/** Adds the exit to a run that had ended by its report. */
export const noteExit = statement<Pick<RunRow, 'id' | 'exit_code' | 'signal'> & { now: number }, RunRow>(`
  UPDATE task_runs SET exit_code = :exit_code, signal = :signal, exited_at = :now
  WHERE id = :id AND exited_at IS NULL
  RETURNING ${columns}`)

export const setSpawned = statement<
  Pick<
    RunRow,
    | 'id'
    | 'worker_pid'
    | 'worker_started_key'
    | 'keeper_pid'
    | 'keeper_started_key'
    | 'host'
    | 'log_path'
    | 'command'
    | 'workspace_path'
    | 'base_branch'
    | 'base_commit'
  > & { now: number },
  RunRow
>(`
  UPDATE task_runs SET
    worker_pid = :worker_pid, worker_started_key = :worker_started_key, keeper_pid = :keeper_pid,
    keeper_started_key = :keeper_started_key, host = :host, log_path = :log_path, command = :command,
    workspace_path = :workspace_path, base_branch = :base_branch, base_commit = :base_commit, spawned_at = max(:now, started_at)
  WHERE id = :id AND ended_at IS NULL AND stop_requested_at IS NULL
  RETURNING ${columns}`)

export const setContext = statement<{ id: number; context: string }, RunRow>(
  `UPDATE task_runs SET context = :context WHERE id = :id AND context IS NULL RETURNING ${columns}`,
)

export const setFirstOutput = statement<{ id: number; at: number }>(`
  UPDATE task_runs SET first_output_at = max(:at, coalesce(spawned_at, started_at))
  WHERE id = :id AND first_output_at IS NULL`)

export const setHeartbeat = statement<
  { id: number; now: number; note: string | null; expires_at: number },
  RunRow
>(`
  UPDATE task_runs SET
    last_heartbeat_at = :now, last_heartbeat_note = coalesce(:note, last_heartbeat_note),
    claim_expires_at = max(:expires_at, coalesce(claim_expires_at, 0))
  WHERE id = :id AND ended_at IS NULL
  RETURNING ${columns}`)

export const setClaimExpiry = statement<{ id: number; expires_at: number }>(
  'UPDATE task_runs SET claim_expires_at = :expires_at WHERE id = :id AND ended_at IS NULL',
)

/** Never shortens a claim. Changes no row without one. */
export const renewClaim = statement<{ id: number; expires_at: number }>(`
  UPDATE task_runs SET claim_expires_at = max(:expires_at, claim_expires_at)
  WHERE id = :id AND ended_at IS NULL AND claim_expires_at IS NOT NULL`)

/** Extends by `ms` the claims that were valid at `since` and whose last sign of life is not after `before`. */
export const extendClaims = statement<{ since: number; ms: number; before: number }>(`
  UPDATE task_runs SET claim_expires_at = claim_expires_at + :ms
  WHERE open_run_id IS NOT NULL AND claim_expires_at > :since AND coalesce(last_heartbeat_at, started_at) <= :before`)

export const requestStop = statement<
  {
    id: number
    now: number
    outcome: StopOutcome
    status: 'ready' | 'archived' | null
    actor: string
    reason: string | null
  },
  RunRow
>(`
  UPDATE task_runs SET
    stop_requested_at = :now, stop_outcome = :outcome, stop_status = :status, stop_actor = :actor, stop_reason = :reason
  WHERE id = :id AND ended_at IS NULL
  RETURNING ${columns}`)

export const setObserved = statement<{ id: number; observed: string }>(
  `UPDATE task_runs SET observed = json_patch(coalesce(observed, '{}'), :observed) WHERE id = :id`,
)

export const setUsage = statement<{ id: number; usage: string }>(
  'UPDATE task_runs SET usage = :usage WHERE id = :id',
)

/** The handoff of a finished run, corrected afterwards. */
export const editHandoff = statement<Pick<RunRow, 'id' | 'summary' | 'metadata'>, RunRow>(
  `UPDATE task_runs SET summary = :summary, metadata = :metadata WHERE id = :id RETURNING ${columns}`,
)

export const openCountByProfile = statement<Record<never, never>, { profile: string | null; count: number }>(
  'SELECT profile, count(*) AS count FROM task_runs INDEXED BY task_runs_open WHERE ended_at IS NULL GROUP BY profile',
)

/** Workspaces in use by open runs: the task that owns each, and the task that works in it. */
export const busyWorkspaces = statement<Record<never, never>, { owner: string; task_id: string }>(`
  SELECT coalesce(task.workspace_of, task.id) AS owner, task.id AS task_id
  FROM task_runs AS run JOIN tasks AS task ON task.id = run.task_id WHERE run.open_run_id IS NOT NULL`)

/** Paths below a folder that has moved. `from` and `to` end with a separator. */
export const followFolder = statement<{ from: string; to: string }>(`
  UPDATE task_runs SET
    log_path = iif(substr(log_path, 1, length(:from)) = :from, :to || substr(log_path, length(:from) + 1), log_path),
    workspace_path = iif(substr(workspace_path, 1, length(:from)) = :from,
      :to || substr(workspace_path, length(:from) + 1), workspace_path)
  WHERE substr(log_path, 1, length(:from)) = :from OR substr(workspace_path, 1, length(:from)) = :from`)

/** Open runs whose last sign of life lies in the future: the clock has been set back since. */
export const fromFuture = statement<
  { from: number },
  { id: number; seen_at: number; claim_expires_at: number }
>(`
  SELECT id, coalesce(last_heartbeat_at, started_at) AS seen_at, claim_expires_at FROM task_runs
  WHERE open_run_id IS NOT NULL AND coalesce(last_heartbeat_at, started_at) > :from AND claim_expires_at IS NOT NULL`)
