-- proposed_fields: a JSON array of the fields that a planner set and that end in a command or a folder. The task stays held
-- until a person accepts them.
ALTER TABLE tasks ADD COLUMN proposed_fields TEXT;
