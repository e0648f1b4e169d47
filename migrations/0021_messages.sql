-- What a person says to the worker of a task. A message is delivered to the run that it was told to, or it waits for the
-- next attempt.

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

CREATE INDEX messages_task ON messages (task_id, id);
CREATE INDEX messages_run ON messages (run_id, id) WHERE run_id IS NOT NULL AND delivered_at IS NULL;
