-- Questions that a worker asks during its run: the task stays running until a person answers. A question is open while it is
-- neither answered nor withdrawn. The deferred foreign key on a generated column keeps every open question with an open run.

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

CREATE INDEX questions_run ON questions (run_id, id);
CREATE INDEX questions_open ON questions (open_run_id) WHERE open_run_id IS NOT NULL;
