-- The work of items: an item that writes has a branch of its own, and the branches of a map are joined into that of their
-- carrier when all items are over.

-- Whether the item began on a branch of its own, from the work of its carrier.
ALTER TABLE workflow_items ADD COLUMN has_branch INTEGER NOT NULL DEFAULT 0 CHECK (has_branch IN (0, 1));
-- When its work was joined, and the merge commit; without a commit there was nothing to join.
ALTER TABLE workflow_items ADD COLUMN joined_at INTEGER;
ALTER TABLE workflow_items ADD COLUMN joined_commit TEXT;
-- How often joining has sent it back since a person last acted, and what the item has to put right.
ALTER TABLE workflow_items ADD COLUMN sent_back INTEGER NOT NULL DEFAULT 0 CHECK (sent_back >= 0);
ALTER TABLE workflow_items ADD COLUMN put_right TEXT CHECK (put_right IS NULL OR json_type(put_right) = 'object');
