-- The assignee that a card had when a workflow was started on it: the steps put their own in its place, and the card gets this one
-- back when the walk ends. Empty for a card without one; NULL for walks that began before this column.
ALTER TABLE workflow_runs ADD COLUMN assignee_before TEXT;
