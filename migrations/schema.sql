-- Made from the migrations by “npm run generate”; do not edit it here.

CREATE TABLE board_state (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE comments_fts USING fts5 (
  body, content = 'task_comments', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

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

CREATE TABLE messages (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id          TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  -- The run that was open when it was told; NULL without one.
  run_id           INTEGER REFERENCES task_runs (id) ON DELETE CASCADE,
  body             TEXT NOT NULL CHECK (body <> ''),
  -- Interrupt the turn that goes on, where the agent takes no message during it.
  interrupt        INTEGER NOT NULL DEFAULT 0 CHECK (interrupt IN (0, 1)),
  told_by          TEXT NOT NULL,
  told_at          INTEGER NOT NULL,
  delivered_at     INTEGER,
  delivered_how    TEXT,
  CHECK ((delivered_at IS NULL) = (delivered_how IS NULL)),
  CHECK (delivered_at IS NULL OR run_id IS NOT NULL)
) STRICT;

CREATE TABLE profile_state (
  profile    TEXT PRIMARY KEY,
  held_kind  TEXT NOT NULL CHECK (held_kind IN ('systemic_failure', 'rate_limited')),
  held_since INTEGER NOT NULL,
  held_why   TEXT NOT NULL,
  held_until INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE questions (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id        INTEGER NOT NULL REFERENCES task_runs (id) ON DELETE CASCADE,
  kind          TEXT NOT NULL CHECK (kind IN ('permission', 'form', 'text')),
  title         TEXT NOT NULL CHECK (title <> ''),
  -- permission: what the worker wants to do; form: the JSON Schema of the answer
  input         TEXT CHECK (input IS NULL OR json_type(input) = 'object'),
  diff          TEXT,
  options       TEXT NOT NULL DEFAULT '[]' CHECK (json_type(options) = 'array'),
  asked_at      INTEGER NOT NULL,
  answered_at   INTEGER,
  answer        TEXT CHECK (answer IS NULL OR json_type(answer) = 'object'),
  answered_by   TEXT,
  withdrawn_at  INTEGER,
  withdrawn_why TEXT CHECK (withdrawn_why IN ('withdrawn', 'timeout', 'run_ended', 'blocked')),
  open_run_id   INTEGER GENERATED ALWAYS AS (CASE WHEN answered_at IS NULL AND withdrawn_at IS NULL THEN run_id END) STORED
                REFERENCES task_runs (open_run_id) DEFERRABLE INITIALLY DEFERRED,
  CHECK ((answered_at IS NULL) = (answer IS NULL)),
  CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
  CHECK ((withdrawn_at IS NULL) = (withdrawn_why IS NULL)),
  CHECK (answered_at IS NULL OR withdrawn_at IS NULL),
  CHECK (kind <> 'form' OR input IS NOT NULL)
) STRICT;

CREATE TABLE run_checks (
  run_id             INTEGER PRIMARY KEY REFERENCES task_runs (id) ON DELETE CASCADE,
  command            TEXT NOT NULL,
  marker             TEXT NOT NULL,
  pid                INTEGER NOT NULL,
  started_key        TEXT NOT NULL,
  keeper_pid         INTEGER NOT NULL,
  keeper_started_key TEXT,
  host               TEXT NOT NULL,
  caller_pid         INTEGER,
  caller_started_key TEXT,
  log_path           TEXT NOT NULL,
  started_at         INTEGER NOT NULL
) STRICT;

CREATE VIRTUAL TABLE runs_fts USING fts5 (summary, error, content = '', tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE saved_views (
  name       TEXT PRIMARY KEY,
  query      TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_migrations (
  version    INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  checksum   TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE status_counts (
  status TEXT PRIMARY KEY,
  count  INTEGER NOT NULL CHECK (count >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_attachments (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id     TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  run_id      INTEGER REFERENCES task_runs (id) ON DELETE CASCADE,
  name        TEXT NOT NULL CHECK (name <> ''),
  media_type  TEXT NOT NULL,
  size_bytes  INTEGER NOT NULL CHECK (size_bytes >= 0),
  sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
  added_by    TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  removed_at  INTEGER
) STRICT;

CREATE TABLE task_comments (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id    TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  author     TEXT NOT NULL,
  body       TEXT NOT NULL CHECK (trim(body) <> ''),
  created_at INTEGER NOT NULL
, run_id INTEGER REFERENCES task_runs (id) ON DELETE SET NULL) STRICT;

CREATE TABLE task_events (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id    TEXT REFERENCES tasks (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  payload    TEXT CHECK (json_type(payload) = 'object'),
  actor      TEXT NOT NULL,
  created_at INTEGER NOT NULL
, run_id INTEGER REFERENCES task_runs (id) ON DELETE CASCADE) STRICT;

CREATE TABLE task_links (
  parent_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  child_id  TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  PRIMARY KEY (parent_id, child_id),
  CHECK (parent_id <> child_id)
) STRICT, WITHOUT ROWID;

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
  open_task_id        TEXT GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN task_id END) STORED, base_branch TEXT, base_commit TEXT, visit_id INTEGER REFERENCES workflow_visits (id) ON DELETE SET NULL, verdict TEXT, agent TEXT, agent_session_id TEXT, agent_cwd TEXT, resumed_from_run INTEGER REFERENCES task_runs (id) ON DELETE SET NULL, session_choice TEXT,
  UNIQUE (task_id, attempt),
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK (ended_at >= started_at),
  CHECK (ended_at IS NOT NULL OR claim_lock IS NOT NULL),
  CHECK ((stop_requested_at IS NULL) = (stop_outcome IS NULL)),
  FOREIGN KEY (open_task_id, open_run_id) REFERENCES tasks (id, current_run_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "tasks" (
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
  current_step_key     TEXT, plan_of TEXT REFERENCES tasks (id) ON DELETE SET NULL, workspace_of TEXT REFERENCES tasks (id) ON DELETE SET NULL, proposed_fields TEXT, merge_state TEXT CHECK (merge_state IN ('nothing', 'not_merged', 'merged')), merged_at INTEGER, merged_by TEXT, merged_into TEXT, merged_commit TEXT, merged_base TEXT, merged_head TEXT, labels TEXT NOT NULL DEFAULT '[]' CHECK (json_type(labels) = 'array'), due_at INTEGER, rank REAL, workflow_run_id INTEGER REFERENCES workflow_runs (open_id) DEFERRABLE INITIALLY DEFERRED, project_dir TEXT,
  UNIQUE (id, current_run_id),
  CHECK ((status = 'running') = (current_run_id IS NOT NULL)),
  CHECK ((status = 'ready') = (ready_at IS NOT NULL)),
  CHECK ((status = 'archived') = (archived_from IS NOT NULL)),
  CHECK (status <> 'blocked' OR block_kind IS NOT NULL),
  CHECK (status <> 'done' OR completed_at IS NOT NULL)
) STRICT;

CREATE VIRTUAL TABLE tasks_fts USING fts5 (title, body, content = '', tokenize = 'unicode61 remove_diacritics 2');

CREATE TABLE tasks_fts_ids (
  id      INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE workflow_edges (
  template_id INTEGER NOT NULL,
  from_key    TEXT NOT NULL,
  verdict     TEXT NOT NULL,
  to_key      TEXT NOT NULL,
  max_rounds  INTEGER CHECK (max_rounds >= 1),
  PRIMARY KEY (template_id, from_key, verdict),
  FOREIGN KEY (template_id, from_key) REFERENCES workflow_steps (template_id, key) ON DELETE CASCADE,
  FOREIGN KEY (template_id, to_key) REFERENCES workflow_steps (template_id, key) ON DELETE CASCADE
) STRICT;

CREATE TABLE workflow_items (
  visit_id INTEGER NOT NULL REFERENCES workflow_visits (id) ON DELETE CASCADE,
  item_key TEXT NOT NULL CHECK (length(item_key) BETWEEN 1 AND 200),
  position INTEGER NOT NULL CHECK (position >= 1),
  task_id  TEXT REFERENCES tasks (id) ON DELETE SET NULL,
  input    TEXT NOT NULL CHECK (json_valid(input)),
  state    TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'succeeded', 'failed', 'let_go')), has_branch INTEGER NOT NULL DEFAULT 0 CHECK (has_branch IN (0, 1)), joined_at INTEGER, joined_commit TEXT, sent_back INTEGER NOT NULL DEFAULT 0 CHECK (sent_back >= 0), put_right TEXT CHECK (put_right IS NULL OR json_type(put_right) = 'object'),
  PRIMARY KEY (visit_id, item_key),
  UNIQUE (visit_id, position),
  CHECK (state <> 'open' OR task_id IS NOT NULL)
) STRICT;

CREATE TABLE workflow_runs (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id      TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  template_id  INTEGER NOT NULL REFERENCES workflow_templates (id),
  inputs       TEXT NOT NULL DEFAULT '{}' CHECK (json_type(inputs) = 'object'),
  roles        TEXT NOT NULL DEFAULT '{}' CHECK (json_type(roles) = 'object'),
  started_by   TEXT NOT NULL,
  started_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  end_key      TEXT,
  end_state    TEXT CHECK (end_state IN ('succeeded', 'failed', 'cancelled')),
  retried_from INTEGER REFERENCES workflow_visits (id) ON DELETE SET NULL,
  open_id      INTEGER GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN id END) STORED UNIQUE, parts TEXT NOT NULL DEFAULT '{}' CHECK (json_type(parts) = 'object'), assignee_before TEXT,
  CHECK ((ended_at IS NULL) = (end_state IS NULL))
) STRICT;

CREATE TABLE workflow_steps (
  template_id INTEGER NOT NULL REFERENCES workflow_templates (id) ON DELETE CASCADE,
  key         TEXT NOT NULL,
  position    INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  stage       TEXT,
  role        TEXT,
  PRIMARY KEY (template_id, key)
) STRICT;

CREATE TABLE workflow_templates (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1),
  digest      TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
  title       TEXT NOT NULL,
  source      TEXT NOT NULL CHECK (source IN ('builtin', 'home', 'project', 'inline')),
  source_path TEXT,
  definition  TEXT NOT NULL CHECK (json_type(definition) = 'object'),
  created_at  INTEGER NOT NULL,
  UNIQUE (name, version)
) STRICT;

CREATE TABLE workflow_trust (
  digest     TEXT PRIMARY KEY CHECK (length(digest) = 64),
  name       TEXT NOT NULL,
  trusted_by TEXT NOT NULL,
  trusted_at INTEGER NOT NULL
) STRICT;

CREATE TABLE workflow_visits (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  workflow_run_id INTEGER NOT NULL REFERENCES workflow_runs (id) ON DELETE CASCADE,
  step_key        TEXT NOT NULL,
  visit           INTEGER NOT NULL CHECK (visit >= 1),
  entered_at      INTEGER NOT NULL,
  entered_by      TEXT NOT NULL,
  entered_from    TEXT,
  entered_via     TEXT,
  left_at         INTEGER,
  verdict         TEXT,
  summary         TEXT,
  outputs         TEXT CHECK (json_type(outputs) = 'object'),
  head_in         TEXT,
  head_out        TEXT,
  valid           INTEGER NOT NULL DEFAULT 1 CHECK (valid IN (0, 1)),
  -- The verdict that was given but does not lead on, because a limit stopped it; and whether a person let it continue.
  held_verdict    TEXT,
  let_on          INTEGER NOT NULL DEFAULT 0 CHECK (let_on IN (0, 1)), copied_from INTEGER REFERENCES workflow_visits (id) ON DELETE SET NULL,
  UNIQUE (workflow_run_id, step_key, visit),
  CHECK ((left_at IS NULL) = (verdict IS NULL)),
  CHECK (held_verdict IS NULL OR left_at IS NULL)
) STRICT;

CREATE INDEX messages_run ON messages (run_id) WHERE run_id IS NOT NULL;

CREATE INDEX messages_task ON messages (task_id, id);

CREATE INDEX questions_open ON questions (open_run_id) WHERE open_run_id IS NOT NULL;

CREATE INDEX questions_run ON questions (run_id, id);

CREATE INDEX task_attachments_file ON task_attachments (sha256, name) WHERE removed_at IS NULL;

CREATE INDEX task_attachments_run ON task_attachments (run_id) WHERE run_id IS NOT NULL;

CREATE INDEX task_attachments_task ON task_attachments (task_id, id);

CREATE INDEX task_comments_run ON task_comments (run_id) WHERE run_id IS NOT NULL;

CREATE INDEX task_comments_task ON task_comments (task_id, id);

CREATE TRIGGER comments_fts_delete AFTER DELETE ON task_comments BEGIN
  INSERT INTO comments_fts (comments_fts, rowid, body) VALUES ('delete', old.id, old.body);
END;

CREATE TRIGGER comments_fts_insert AFTER INSERT ON task_comments BEGIN
  INSERT INTO comments_fts (rowid, body) VALUES (new.id, new.body);
END;

CREATE INDEX task_events_run ON task_events (run_id, id) WHERE run_id IS NOT NULL;

CREATE INDEX task_events_task ON task_events (task_id, id, created_at);

CREATE INDEX task_links_child ON task_links (child_id, parent_id);

CREATE INDEX task_runs_ended ON task_runs (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX task_runs_fingerprint ON task_runs (error_fingerprint, task_id) WHERE error_fingerprint IS NOT NULL;

CREATE INDEX task_runs_lingering ON task_runs (ended_at)
  WHERE ended_at IS NOT NULL AND exited_at IS NULL AND worker_pid IS NOT NULL;

CREATE UNIQUE INDEX task_runs_open ON task_runs (task_id) WHERE ended_at IS NULL;

CREATE INDEX task_runs_profile ON task_runs (profile, ended_at);

CREATE INDEX task_runs_resumed ON task_runs (resumed_from_run) WHERE resumed_from_run IS NOT NULL;

CREATE INDEX task_runs_visit ON task_runs (visit_id) WHERE visit_id IS NOT NULL;

CREATE TRIGGER runs_fts_delete AFTER DELETE ON task_runs
WHEN old.summary IS NOT NULL OR old.error IS NOT NULL BEGIN
  INSERT INTO runs_fts (runs_fts, rowid, summary, error) VALUES ('delete', old.id, old.summary, old.error);
END;

CREATE TRIGGER runs_fts_insert AFTER INSERT ON task_runs
WHEN new.summary IS NOT NULL OR new.error IS NOT NULL BEGIN
  INSERT INTO runs_fts (rowid, summary, error) VALUES (new.id, new.summary, new.error);
END;

CREATE TRIGGER runs_fts_rewrite AFTER UPDATE OF summary, error ON task_runs
WHEN (old.summary IS NOT NULL OR old.error IS NOT NULL)
  AND (old.summary IS NOT new.summary OR old.error IS NOT new.error) BEGIN
  INSERT INTO runs_fts (runs_fts, rowid, summary, error) VALUES ('delete', old.id, old.summary, old.error);
  INSERT INTO runs_fts (rowid, summary, error)
    SELECT new.id, new.summary, new.error WHERE new.summary IS NOT NULL OR new.error IS NOT NULL;
END;

CREATE TRIGGER runs_fts_write AFTER UPDATE OF summary, error ON task_runs
WHEN old.summary IS NULL AND old.error IS NULL AND (new.summary IS NOT NULL OR new.error IS NOT NULL) BEGIN
  INSERT INTO runs_fts (rowid, summary, error) VALUES (new.id, new.summary, new.error);
END;

CREATE INDEX tasks_claimable ON tasks (assignee, priority DESC, coalesce(rank, ready_at), id)
  WHERE status = 'ready' AND held = 0;

CREATE INDEX tasks_current_run ON tasks (current_run_id) WHERE current_run_id IS NOT NULL;

CREATE INDEX tasks_due ON tasks (retry_at) WHERE status = 'ready' AND retry_at IS NOT NULL;

CREATE UNIQUE INDEX tasks_idempotency_key ON tasks (idempotency_key)
  WHERE idempotency_key IS NOT NULL AND status <> 'archived';

CREATE INDEX tasks_not_before ON tasks (not_before_at) WHERE status = 'ready' AND not_before_at IS NOT NULL;

CREATE INDEX tasks_not_merged ON tasks (status) WHERE merge_state = 'not_merged';

CREATE INDEX tasks_plan_of ON tasks (plan_of) WHERE plan_of IS NOT NULL;

CREATE INDEX tasks_status ON tasks (status, priority DESC, coalesce(rank, created_at));

CREATE INDEX tasks_updated ON tasks (updated_at);

CREATE INDEX tasks_workflow ON tasks (workflow_template_id, current_step_key) WHERE workflow_run_id IS NOT NULL;

CREATE INDEX tasks_workflow_run ON tasks (workflow_run_id) WHERE workflow_run_id IS NOT NULL;

CREATE INDEX tasks_workspace_of ON tasks (workspace_of) WHERE workspace_of IS NOT NULL;

CREATE TRIGGER tasks_counted_in AFTER INSERT ON tasks BEGIN
  UPDATE status_counts SET count = count + 1 WHERE status = new.status;
END;

CREATE TRIGGER tasks_counted_out AFTER DELETE ON tasks BEGIN
  UPDATE status_counts SET count = count - 1 WHERE status = old.status;
END;

CREATE TRIGGER tasks_counted_over AFTER UPDATE OF status ON tasks WHEN new.status <> old.status BEGIN
  UPDATE status_counts SET count = count - 1 WHERE status = old.status;
  UPDATE status_counts SET count = count + 1 WHERE status = new.status;
END;

CREATE TRIGGER tasks_fts_delete BEFORE DELETE ON tasks BEGIN
  INSERT INTO tasks_fts (tasks_fts, rowid, title, body)
    SELECT 'delete', id, old.title, old.body FROM tasks_fts_ids WHERE task_id = old.id;
  DELETE FROM tasks_fts_ids WHERE task_id = old.id;
END;

CREATE TRIGGER tasks_fts_insert AFTER INSERT ON tasks BEGIN
  INSERT INTO tasks_fts_ids (task_id) VALUES (new.id);
  INSERT INTO tasks_fts (rowid, title, body)
    SELECT id, new.title, new.body FROM tasks_fts_ids WHERE task_id = new.id;
END;

CREATE TRIGGER tasks_fts_update AFTER UPDATE OF title, body ON tasks
WHEN old.title IS NOT new.title OR old.body IS NOT new.body BEGIN
  INSERT INTO tasks_fts (tasks_fts, rowid, title, body)
    SELECT 'delete', id, old.title, old.body FROM tasks_fts_ids WHERE task_id = new.id;
  INSERT INTO tasks_fts (rowid, title, body)
    SELECT id, new.title, new.body FROM tasks_fts_ids WHERE task_id = new.id;
END;

CREATE INDEX workflow_items_open ON workflow_items (visit_id) WHERE state = 'open';

CREATE UNIQUE INDEX workflow_items_task ON workflow_items (task_id) WHERE task_id IS NOT NULL;

CREATE UNIQUE INDEX workflow_runs_one_open ON workflow_runs (task_id) WHERE ended_at IS NULL;

CREATE INDEX workflow_runs_retried ON workflow_runs (retried_from) WHERE retried_from IS NOT NULL;

CREATE INDEX workflow_runs_task ON workflow_runs (task_id, id);

CREATE INDEX workflow_runs_template ON workflow_runs (template_id, id);

CREATE TRIGGER workflow_templates_never_change BEFORE UPDATE ON workflow_templates
BEGIN
  SELECT raise(ABORT, 'a version of a workflow never changes');
END;

CREATE INDEX workflow_visits_copied ON workflow_visits (copied_from) WHERE copied_from IS NOT NULL;

CREATE UNIQUE INDEX workflow_visits_one_open ON workflow_visits (workflow_run_id) WHERE left_at IS NULL;
