-- Files that belong to a task: given to it by a person, or handed over by a run. The bytes are in the board's folder, under a
-- name made of their digest; a row names them. A removed one keeps its row, and its file is in the board's trash.

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

CREATE INDEX task_attachments_task ON task_attachments (task_id, id);
CREATE INDEX task_attachments_run ON task_attachments (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX task_attachments_file ON task_attachments (sha256, name) WHERE removed_at IS NULL;
