-- The check (verify_command) that runs now for a run: one at most, so that two never work in one workspace. Whoever comes
-- later finds its process here. caller_pid: the process whose `complete` waits for it; NULL where the dispatcher does.

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
