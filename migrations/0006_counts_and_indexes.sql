-- How many tasks are in each status, kept by triggers: every change of a board is told with these counts, and counting a
-- hundred thousand tasks each time takes longer than the change itself.
-- Rebuilding `tasks` drops its triggers: a migration that does so must make them again.

CREATE TABLE status_counts (
  status TEXT PRIMARY KEY,
  count  INTEGER NOT NULL CHECK (count >= 0)
) STRICT, WITHOUT ROWID;

INSERT INTO status_counts (status, count)
VALUES ('triage', 0), ('todo', 0), ('ready', 0), ('running', 0), ('review', 0), ('blocked', 0), ('done', 0), ('archived', 0);

UPDATE status_counts SET count = (SELECT count(*) FROM tasks WHERE tasks.status = status_counts.status);

CREATE TRIGGER tasks_counted_in AFTER INSERT ON tasks BEGIN
  UPDATE status_counts SET count = count + 1 WHERE status = new.status;
END;

CREATE TRIGGER tasks_counted_over AFTER UPDATE OF status ON tasks WHEN new.status <> old.status BEGIN
  UPDATE status_counts SET count = count - 1 WHERE status = old.status;
  UPDATE status_counts SET count = count + 1 WHERE status = new.status;
END;

CREATE TRIGGER tasks_counted_out AFTER DELETE ON tasks BEGIN
  UPDATE status_counts SET count = count - 1 WHERE status = old.status;
END;

-- Runs that ended by their report while their process goes on: every pass of the dispatcher looks for them.
CREATE INDEX task_runs_lingering ON task_runs (ended_at)
  WHERE ended_at IS NOT NULL AND exited_at IS NULL AND worker_pid IS NOT NULL;

-- The end of a run changes the key that its task refers to: without this, SQLite reads every task to see who does.
CREATE INDEX tasks_current_run ON tasks (current_run_id) WHERE current_run_id IS NOT NULL;
