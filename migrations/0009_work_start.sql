-- What the work in a worktree started from: the branch that it goes back to (NULL when it started from something else, or
-- in runs from before this migration), and the commit.
ALTER TABLE task_runs ADD COLUMN base_branch TEXT;
ALTER TABLE task_runs ADD COLUMN base_commit TEXT;
