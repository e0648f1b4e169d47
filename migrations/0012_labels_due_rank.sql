-- Labels (a JSON list), the day by which a person wants it done, and the place that a person gave it in its column: a key
-- on the scale of the time that orders the column otherwise (milliseconds since the epoch). NULL: its own time orders it.

ALTER TABLE tasks ADD COLUMN labels TEXT NOT NULL DEFAULT '[]' CHECK (json_type(labels) = 'array');
ALTER TABLE tasks ADD COLUMN due_at INTEGER;
ALTER TABLE tasks ADD COLUMN rank REAL;

DROP INDEX tasks_claimable;
CREATE INDEX tasks_claimable ON tasks (assignee, priority DESC, coalesce(rank, ready_at), id)
  WHERE status = 'ready' AND held = 0;

DROP INDEX tasks_status;
CREATE INDEX tasks_status ON tasks (status, priority DESC, coalesce(rank, created_at));
