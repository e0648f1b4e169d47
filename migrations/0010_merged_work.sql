-- Whether the work of a task with a worktree has reached the branch that it is for, as of the last look at git. NULL: no
-- worktree of its own or shared, or not looked at yet. The other columns tell of the merge: which commit, into which branch,
-- when, by whom, and the two commits between which the merged work lies, so that its diff can be shown later.

ALTER TABLE tasks ADD COLUMN merge_state TEXT CHECK (merge_state IN ('nothing', 'not_merged', 'merged'));
ALTER TABLE tasks ADD COLUMN merged_at INTEGER;
ALTER TABLE tasks ADD COLUMN merged_by TEXT;
ALTER TABLE tasks ADD COLUMN merged_into TEXT;
ALTER TABLE tasks ADD COLUMN merged_commit TEXT;
ALTER TABLE tasks ADD COLUMN merged_base TEXT;
ALTER TABLE tasks ADD COLUMN merged_head TEXT;

CREATE INDEX tasks_not_merged ON tasks (status) WHERE merge_state = 'not_merged';
