-- Workflows: a card walks through the steps of a template. `workflow_templates` never change; steps and ways are derived
-- from the definition, for foreign keys, lanes and statistics. A walk (`workflow_runs`) has one open visit while it is open.
--
-- `workflow_template_id` and `current_step_key` of tasks are free text unless `workflow_run_id` is set.

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

CREATE TRIGGER workflow_templates_never_change BEFORE UPDATE ON workflow_templates
BEGIN
  SELECT raise(ABORT, 'a version of a workflow never changes');
END;

CREATE TABLE workflow_steps (
  template_id INTEGER NOT NULL REFERENCES workflow_templates (id) ON DELETE CASCADE,
  key         TEXT NOT NULL,
  position    INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  stage       TEXT,
  role        TEXT,
  PRIMARY KEY (template_id, key)
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
  open_id      INTEGER GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN id END) STORED UNIQUE,
  CHECK ((ended_at IS NULL) = (end_state IS NULL))
) STRICT;

CREATE UNIQUE INDEX workflow_runs_one_open ON workflow_runs (task_id) WHERE ended_at IS NULL;
CREATE INDEX workflow_runs_task ON workflow_runs (task_id, id);
CREATE INDEX workflow_runs_retried ON workflow_runs (retried_from) WHERE retried_from IS NOT NULL;
CREATE INDEX workflow_runs_template ON workflow_runs (template_id, id);

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
  let_on          INTEGER NOT NULL DEFAULT 0 CHECK (let_on IN (0, 1)),
  UNIQUE (workflow_run_id, step_key, visit),
  CHECK ((left_at IS NULL) = (verdict IS NULL)),
  CHECK (held_verdict IS NULL OR left_at IS NULL)
) STRICT;

CREATE UNIQUE INDEX workflow_visits_one_open ON workflow_visits (workflow_run_id) WHERE left_at IS NULL;

-- Digests of project files whose commands a person has seen and allowed.
CREATE TABLE workflow_trust (
  digest     TEXT PRIMARY KEY CHECK (length(digest) = 64),
  name       TEXT NOT NULL,
  trusted_by TEXT NOT NULL,
  trusted_at INTEGER NOT NULL
) STRICT;

ALTER TABLE tasks ADD COLUMN workflow_run_id INTEGER REFERENCES workflow_runs (open_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX tasks_workflow_run ON tasks (workflow_run_id) WHERE workflow_run_id IS NOT NULL;
CREATE INDEX tasks_workflow ON tasks (workflow_template_id, current_step_key) WHERE workflow_run_id IS NOT NULL;

ALTER TABLE task_runs ADD COLUMN visit_id INTEGER REFERENCES workflow_visits (id) ON DELETE SET NULL;
ALTER TABLE task_runs ADD COLUMN verdict TEXT;
CREATE INDEX task_runs_visit ON task_runs (visit_id) WHERE visit_id IS NOT NULL;
