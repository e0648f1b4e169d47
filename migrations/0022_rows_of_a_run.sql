-- The rows that refer to a run are found without a scan when the run is deleted. No statement used the old index.

DROP INDEX messages_run;
CREATE INDEX messages_run ON messages (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX task_comments_run ON task_comments (run_id) WHERE run_id IS NOT NULL;
