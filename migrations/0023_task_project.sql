-- The project folder that a card works in, where it is not that of its board: an item of a map step with `project`.

ALTER TABLE tasks ADD COLUMN project_dir TEXT;
