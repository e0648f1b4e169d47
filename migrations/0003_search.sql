-- Full text search over titles and bodies of tasks, comments, and the summaries and errors of runs.
--
-- Each index holds words only; the text stays where it is. Comments and runs have numbers of their own. Tasks are known
-- by text, and a rowid that is not a declared key may change with VACUUM, so they get numbers here. Only runs that say
-- something are in their index. Triggers fire only where the text itself changes: a claim touches none, a completion
-- only the summary that it writes.

CREATE TABLE tasks_fts_ids (
  id      INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE VIRTUAL TABLE tasks_fts USING fts5 (title, body, content = '', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE comments_fts USING fts5 (
  body, content = 'task_comments', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE runs_fts USING fts5 (summary, error, content = '', tokenize = 'unicode61 remove_diacritics 2');

INSERT INTO tasks_fts_ids (task_id) SELECT id FROM tasks ORDER BY created_at, id;
INSERT INTO tasks_fts (rowid, title, body)
  SELECT number.id, task.title, task.body FROM tasks_fts_ids AS number JOIN tasks AS task ON task.id = number.task_id;
INSERT INTO comments_fts (comments_fts) VALUES ('rebuild');
INSERT INTO runs_fts (rowid, summary, error)
  SELECT id, summary, error FROM task_runs WHERE summary IS NOT NULL OR error IS NOT NULL;

CREATE TRIGGER tasks_fts_insert AFTER INSERT ON tasks BEGIN
  INSERT INTO tasks_fts_ids (task_id) VALUES (new.id);
  INSERT INTO tasks_fts (rowid, title, body)
    SELECT id, new.title, new.body FROM tasks_fts_ids WHERE task_id = new.id;
END;

CREATE TRIGGER tasks_fts_update AFTER UPDATE OF title, body ON tasks
WHEN old.title IS NOT new.title OR old.body IS NOT new.body BEGIN
  INSERT INTO tasks_fts (tasks_fts, rowid, title, body)
    SELECT 'delete', id, old.title, old.body FROM tasks_fts_ids WHERE task_id = new.id;
  INSERT INTO tasks_fts (rowid, title, body)
    SELECT id, new.title, new.body FROM tasks_fts_ids WHERE task_id = new.id;
END;

CREATE TRIGGER tasks_fts_delete BEFORE DELETE ON tasks BEGIN
  INSERT INTO tasks_fts (tasks_fts, rowid, title, body)
    SELECT 'delete', id, old.title, old.body FROM tasks_fts_ids WHERE task_id = old.id;
  DELETE FROM tasks_fts_ids WHERE task_id = old.id;
END;

CREATE TRIGGER comments_fts_insert AFTER INSERT ON task_comments BEGIN
  INSERT INTO comments_fts (rowid, body) VALUES (new.id, new.body);
END;

CREATE TRIGGER comments_fts_delete AFTER DELETE ON task_comments BEGIN
  INSERT INTO comments_fts (comments_fts, rowid, body) VALUES ('delete', old.id, old.body);
END;

CREATE TRIGGER runs_fts_insert AFTER INSERT ON task_runs
WHEN new.summary IS NOT NULL OR new.error IS NOT NULL BEGIN
  INSERT INTO runs_fts (rowid, summary, error) VALUES (new.id, new.summary, new.error);
END;

CREATE TRIGGER runs_fts_write AFTER UPDATE OF summary, error ON task_runs
WHEN old.summary IS NULL AND old.error IS NULL AND (new.summary IS NOT NULL OR new.error IS NOT NULL) BEGIN
  INSERT INTO runs_fts (rowid, summary, error) VALUES (new.id, new.summary, new.error);
END;

CREATE TRIGGER runs_fts_rewrite AFTER UPDATE OF summary, error ON task_runs
WHEN (old.summary IS NOT NULL OR old.error IS NOT NULL)
  AND (old.summary IS NOT new.summary OR old.error IS NOT new.error) BEGIN
  INSERT INTO runs_fts (runs_fts, rowid, summary, error) VALUES ('delete', old.id, old.summary, old.error);
  INSERT INTO runs_fts (rowid, summary, error)
    SELECT new.id, new.summary, new.error WHERE new.summary IS NOT NULL OR new.error IS NOT NULL;
END;

CREATE TRIGGER runs_fts_delete AFTER DELETE ON task_runs
WHEN old.summary IS NOT NULL OR old.error IS NOT NULL BEGIN
  INSERT INTO runs_fts (runs_fts, rowid, summary, error) VALUES ('delete', old.id, old.summary, old.error);
END;
