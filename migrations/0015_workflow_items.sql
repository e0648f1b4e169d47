-- The items of `map` steps: each has a card of its own, which the card that walks through the step waits for by a link.
-- The card of an item that is over may be deleted; the row stays, because the visit is history.

CREATE TABLE workflow_items (
  visit_id INTEGER NOT NULL REFERENCES workflow_visits (id) ON DELETE CASCADE,
  item_key TEXT NOT NULL CHECK (length(item_key) BETWEEN 1 AND 200),
  position INTEGER NOT NULL CHECK (position >= 1),
  task_id  TEXT REFERENCES tasks (id) ON DELETE SET NULL,
  input    TEXT NOT NULL CHECK (json_valid(input)),
  state    TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'succeeded', 'failed', 'let_go')),
  PRIMARY KEY (visit_id, item_key),
  UNIQUE (visit_id, position),
  CHECK (state <> 'open' OR task_id IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX workflow_items_task ON workflow_items (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX workflow_items_open ON workflow_items (visit_id) WHERE state = 'open';

-- JSON: the name of each workflow that a map of this walk does → its digest and the profiles of its roles, as chosen when
-- the walk was started.
ALTER TABLE workflow_runs ADD COLUMN parts TEXT NOT NULL DEFAULT '{}' CHECK (json_type(parts) = 'object');
