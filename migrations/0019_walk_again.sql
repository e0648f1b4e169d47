-- A card that is started again from an earlier visit begins a new walk: the visits that counted at that time are copied into
-- it. copied_from is the visit of the earlier walk, or NULL once that visit is deleted.
ALTER TABLE workflow_visits ADD COLUMN copied_from INTEGER REFERENCES workflow_visits (id) ON DELETE SET NULL;
CREATE INDEX workflow_visits_copied ON workflow_visits (copied_from) WHERE copied_from IS NOT NULL;
