-- Every attempt becomes a row of its own. What was claimed before gets the run that its claim would have opened, so that
-- a later complete, heartbeat or reclaim has its target.
--
-- The invariant "a run is open, if and only if its task points at it, if and only if that task is running" is held by
-- the schema: a CHECK ties the pointer to the status, and two deferred foreign keys over generated columns, which are
-- NULL once a run has ended, tie pointer and open run to each other at every commit.

CREATE TABLE task_runs (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id             TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  attempt             INTEGER NOT NULL CHECK (attempt >= 1),
  profile             TEXT,
  step_key            TEXT,
  trigger             TEXT NOT NULL CHECK (trigger IN ('dispatcher', 'human', 'cli', 'mcp', 'api')),
  claim_lock          TEXT,
  claim_expires_at    INTEGER,
  worker_pid          INTEGER,
  worker_started_key  TEXT,
  keeper_pid          INTEGER,
  keeper_started_key  TEXT,
  host                TEXT,
  max_runtime_seconds INTEGER,
  ready_at            INTEGER,
  started_at          INTEGER NOT NULL,
  spawned_at          INTEGER,
  first_output_at     INTEGER,
  last_heartbeat_at   INTEGER,
  last_heartbeat_note TEXT,
  stop_requested_at   INTEGER,
  stop_outcome        TEXT CHECK (stop_outcome IN ('stopped', 'reclaimed')),
  stop_status         TEXT CHECK (stop_status IN ('ready', 'archived')),
  stop_actor          TEXT,
  stop_reason         TEXT,
  ended_at            INTEGER,
  outcome             TEXT CHECK (outcome IN ('completed', 'review_requested', 'blocked', 'crashed', 'timed_out', 'stale', 'spawn_failed', 'gave_up', 'rate_limited', 'reclaimed', 'stopped', 'verify_failed')),
  exit_code           INTEGER,
  signal              TEXT,
  exited_at           INTEGER,
  summary             TEXT,
  metadata            TEXT CHECK (json_type(metadata) = 'object'),
  error               TEXT,
  error_fingerprint   TEXT,
  log_path            TEXT,
  context             TEXT,
  command             TEXT CHECK (json_type(command) = 'array'),
  workspace_path      TEXT,
  observed            TEXT CHECK (json_type(observed) = 'object'),
  usage               TEXT CHECK (json_type(usage) = 'object'),
  open_run_id         INTEGER GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN id END) STORED UNIQUE,
  open_task_id        TEXT GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN task_id END) STORED,
  UNIQUE (task_id, attempt),
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK (ended_at >= started_at),
  CHECK (ended_at IS NOT NULL OR claim_lock IS NOT NULL),
  CHECK ((stop_requested_at IS NULL) = (stop_outcome IS NULL)),
  FOREIGN KEY (open_task_id, open_run_id) REFERENCES tasks (id, current_run_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE tasks_with_runs (
  id                   TEXT PRIMARY KEY,
  title                TEXT NOT NULL CHECK (trim(title) <> ''),
  body                 TEXT,
  status               TEXT NOT NULL CHECK (status IN ('triage', 'todo', 'ready', 'running', 'review', 'blocked', 'done', 'archived')),
  assignee             TEXT,
  priority             INTEGER NOT NULL DEFAULT 0,
  tenant               TEXT,
  created_by           TEXT NOT NULL,
  created_at           INTEGER NOT NULL,
  updated_at           INTEGER NOT NULL,
  started_at           INTEGER,
  completed_at         INTEGER,
  not_before_at        INTEGER,
  retry_at             INTEGER,
  ready_at             INTEGER,
  held                 INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
  held_reason          TEXT,
  block_kind           TEXT CHECK (block_kind IN ('needs_input', 'capability', 'gave_up', 'unreported')),
  block_reason         TEXT,
  workspace_kind       TEXT NOT NULL DEFAULT 'scratch' CHECK (workspace_kind IN ('scratch', 'dir', 'worktree')),
  workspace_path       TEXT,
  branch               TEXT,
  base_ref             TEXT,
  result               TEXT,
  idempotency_key      TEXT,
  consecutive_failures INTEGER NOT NULL DEFAULT 0 CHECK (consecutive_failures >= 0),
  last_failure_error   TEXT,
  max_runtime_seconds  INTEGER CHECK (max_runtime_seconds > 0),
  max_retries          INTEGER CHECK (max_retries > 0),
  skills               TEXT NOT NULL DEFAULT '[]' CHECK (json_type(skills) = 'array'),
  model                TEXT,
  verify_command       TEXT,
  archived_from        TEXT CHECK (archived_from IN ('triage', 'todo', 'ready', 'review', 'blocked', 'done')),
  current_run_id       INTEGER REFERENCES task_runs (open_run_id) DEFERRABLE INITIALLY DEFERRED,
  workflow_template_id TEXT,
  current_step_key     TEXT,
  UNIQUE (id, current_run_id),
  CHECK ((status = 'running') = (current_run_id IS NOT NULL)),
  CHECK ((status = 'ready') = (ready_at IS NOT NULL)),
  CHECK ((status = 'archived') = (archived_from IS NOT NULL)),
  CHECK (status <> 'blocked' OR block_kind IS NOT NULL),
  CHECK (status <> 'done' OR completed_at IS NOT NULL)
) STRICT;

INSERT INTO task_runs (
  task_id, attempt, profile, trigger, claim_lock, claim_expires_at, worker_pid, worker_started_key,
  max_runtime_seconds, started_at, last_heartbeat_at, workspace_path
)
SELECT
  id, 1, assignee, 'dispatcher', coalesce(claim_lock, 'unknown'), claim_expires_at, worker_pid, worker_started_key,
  max_runtime_seconds, coalesce(started_at, updated_at), last_heartbeat_at, workspace_path
FROM tasks
WHERE status = 'running';

INSERT INTO tasks_with_runs (
  id, title, body, status, assignee, priority, tenant, created_by, created_at, updated_at, started_at, completed_at,
  not_before_at, ready_at, held, block_kind, block_reason, workspace_kind, workspace_path, branch, base_ref, result,
  idempotency_key, consecutive_failures, last_failure_error, max_runtime_seconds, max_retries, skills, model,
  verify_command, archived_from, current_run_id
)
SELECT
  id, title, body, status, assignee, priority, tenant, created_by, created_at, updated_at, started_at,
  CASE WHEN status = 'done' THEN coalesce(completed_at, updated_at) ELSE completed_at END,
  not_before_at,
  CASE WHEN status = 'ready' THEN updated_at END,
  held,
  CASE WHEN status = 'blocked' THEN coalesce(block_kind, 'needs_input') ELSE block_kind END,
  block_reason, workspace_kind, workspace_path, branch, base_ref, result,
  idempotency_key, consecutive_failures, last_failure_error, max_runtime_seconds, max_retries, skills, model,
  verify_command,
  CASE WHEN status = 'archived' THEN CASE WHEN completed_at IS NULL THEN 'ready' ELSE 'done' END END,
  (SELECT run.id FROM task_runs AS run WHERE run.task_id = tasks.id)
FROM tasks;

DROP TABLE tasks;
ALTER TABLE tasks_with_runs RENAME TO tasks;

CREATE UNIQUE INDEX tasks_idempotency_key ON tasks (idempotency_key)
  WHERE idempotency_key IS NOT NULL AND status <> 'archived';
CREATE INDEX tasks_claimable ON tasks (assignee, priority DESC, ready_at, id) WHERE status = 'ready' AND held = 0;
CREATE INDEX tasks_due ON tasks (retry_at) WHERE status = 'ready' AND retry_at IS NOT NULL;
CREATE INDEX tasks_not_before ON tasks (not_before_at) WHERE status = 'ready' AND not_before_at IS NOT NULL;
CREATE INDEX tasks_status ON tasks (status, priority DESC, created_at);
CREATE INDEX tasks_updated ON tasks (updated_at);

CREATE UNIQUE INDEX task_runs_open ON task_runs (task_id) WHERE ended_at IS NULL;
CREATE INDEX task_runs_profile ON task_runs (profile, ended_at);
CREATE INDEX task_runs_ended ON task_runs (ended_at) WHERE ended_at IS NOT NULL;

ALTER TABLE task_comments ADD COLUMN run_id INTEGER REFERENCES task_runs (id) ON DELETE SET NULL;

ALTER TABLE task_events ADD COLUMN run_id INTEGER REFERENCES task_runs (id) ON DELETE CASCADE;
CREATE INDEX task_events_run ON task_events (run_id, id) WHERE run_id IS NOT NULL;

CREATE TABLE dispatcher_lease (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  token       TEXT NOT NULL,
  holder      TEXT NOT NULL,
  pid         INTEGER NOT NULL,
  started_key TEXT,
  host        TEXT NOT NULL,
  acquired_at INTEGER NOT NULL,
  renewed_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE profile_state (
  profile    TEXT PRIMARY KEY,
  held_kind  TEXT NOT NULL CHECK (held_kind IN ('systemic_failure', 'rate_limited')),
  held_since INTEGER NOT NULL,
  held_why   TEXT NOT NULL,
  held_until INTEGER
) STRICT, WITHOUT ROWID;

-- What the board itself remembers: pause, and how far the inbox was read.
CREATE TABLE board_state (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE saved_views (
  name       TEXT PRIMARY KEY,
  query      TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
