-- A card that is started again from an earlier visit walks anew: the results that counted then are copied into the new walk.
-- The visit may be of a walk that is gone.
ALTER TABLE workflow_visits ADD COLUMN copied_from INTEGER REFERENCES workflow_visits (id) ON DELETE SET NULL;
CREATE INDEX workflow_visits_copied ON workflow_visits (copied_from) WHERE copied_from IS NOT NULL;
