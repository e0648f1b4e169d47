-- Each new event of a task looks at the time of the one before it: with that time in the index, it stands beside where the
-- new one goes, and no page of old events is read.
DROP INDEX task_events_task;
CREATE INDEX task_events_task ON task_events (task_id, id, created_at);
