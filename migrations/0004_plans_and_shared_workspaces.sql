-- plan_of: a task whose worker plans another one, which is in triage. What it creates waits for a person's acceptance.
-- workspace_of: the task whose workspace this one shares.

ALTER TABLE tasks ADD COLUMN plan_of TEXT REFERENCES tasks (id) ON DELETE SET NULL;
ALTER TABLE tasks ADD COLUMN workspace_of TEXT REFERENCES tasks (id) ON DELETE SET NULL;

CREATE INDEX tasks_plan_of ON tasks (plan_of) WHERE plan_of IS NOT NULL;
CREATE INDEX tasks_workspace_of ON tasks (workspace_of) WHERE workspace_of IS NOT NULL;
