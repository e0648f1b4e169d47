import { statement } from '../db/statement.ts'

/** A word as it was typed, and as an FTS5 query. */
export interface SearchWord {
  word: string
  /** A quoted phrase that must begin a word of the text: `"log in"*`. */
  match: string
}

/**
 * Ids of the tasks that contain every word of `words`: in the title or body, in a comment, in the summary or error of
 * a run, or at the beginning of the id.
 */
export const matching = statement<{ words: string }, { id: string }>(`
  WITH word (place, word, match) AS (
    SELECT key, value ->> 'word', value ->> 'match' FROM json_each(:words)
  ),
  hit (place, id) AS (
    SELECT word.place, number.task_id
    FROM word CROSS JOIN tasks_fts ON tasks_fts MATCH word.match JOIN tasks_fts_ids AS number ON number.id = tasks_fts.rowid
    UNION
    SELECT word.place, comment.task_id
    FROM word CROSS JOIN comments_fts ON comments_fts MATCH word.match
      JOIN task_comments AS comment ON comment.id = comments_fts.rowid
    UNION
    SELECT word.place, run.task_id
    FROM word CROSS JOIN runs_fts ON runs_fts MATCH word.match JOIN task_runs AS run ON run.id = runs_fts.rowid
    UNION
    SELECT word.place, task.id
    FROM word CROSS JOIN tasks AS task ON task.id >= word.word AND task.id < word.word || char(1114111)
    UNION
    SELECT word.place, task.id
    FROM word CROSS JOIN tasks AS task ON task.id >= 't_' || word.word AND task.id < 't_' || word.word || char(1114111)
  )
  SELECT id FROM hit GROUP BY id HAVING count(*) = (SELECT count(*) FROM word)`)
