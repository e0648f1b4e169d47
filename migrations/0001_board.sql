-- A board as it was before runs existed: a task carries the claim of its one attempt in columns of its own.

CREATE TABLE tasks (
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
  held                 INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)),
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
  claim_lock           TEXT,
  claim_expires_at     INTEGER,
  worker_pid           INTEGER,
  worker_started_key   TEXT,
  last_heartbeat_at    INTEGER
) STRICT;

CREATE TABLE task_links (
  parent_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  child_id  TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  PRIMARY KEY (parent_id, child_id),
  CHECK (parent_id <> child_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX task_links_child ON task_links (child_id, parent_id);

CREATE TABLE task_comments (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id    TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  author     TEXT NOT NULL,
  body       TEXT NOT NULL CHECK (trim(body) <> ''),
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX task_comments_task ON task_comments (task_id, id);

CREATE TABLE task_events (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id    TEXT REFERENCES tasks (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  payload    TEXT CHECK (json_type(payload) = 'object'),
  actor      TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX task_events_task ON task_events (task_id, id);
