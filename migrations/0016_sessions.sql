-- The session of a coding agent that a run used, so that the next attempt can resume it: the agent (its name, and
-- its version if the output states it), the agent's own id of the session, and the folder that the agent was started in, because
-- agents look for their sessions by folder. resumed_from_run is the run whose session the run resumed; NULL for a fresh one.
-- session_choice says why the session was resumed or fresh: a code of contract/sessions.ts, NULL for a first attempt.
ALTER TABLE task_runs ADD COLUMN agent TEXT;
ALTER TABLE task_runs ADD COLUMN agent_session_id TEXT;
ALTER TABLE task_runs ADD COLUMN agent_cwd TEXT;
ALTER TABLE task_runs ADD COLUMN resumed_from_run INTEGER REFERENCES task_runs (id) ON DELETE SET NULL;
ALTER TABLE task_runs ADD COLUMN session_choice TEXT;

-- For the foreign key: finds the runs that resumed the session of a deleted run.
CREATE INDEX task_runs_resumed ON task_runs (resumed_from_run) WHERE resumed_from_run IS NOT NULL;
