-- In how many tasks the same error was seen, without reading the runs themselves.

CREATE INDEX task_runs_fingerprint ON task_runs (error_fingerprint, task_id) WHERE error_fingerprint IS NOT NULL;
