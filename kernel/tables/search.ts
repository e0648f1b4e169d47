import type { Outcome } from '../../contract/index.ts'
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

/** A text of a task that a search covers. */
export interface SearchedText {
  found_in: 'title' | 'body' | 'comment' | 'summary' | 'error'
  /** The attempt of the run that the text belongs to; null for a text of the task itself. */
  attempt: number | null
  outcome: Outcome | null
  text: string
}

/** The texts of a task to show matches from: its own, and those of its newest comments and runs; only the start of each. */
export const texts = statement<{ id: string }, SearchedText>(`
  WITH run AS (
    SELECT attempt, outcome, summary, error FROM task_runs WHERE task_id = :id ORDER BY attempt DESC LIMIT 50
  ),
  comment AS (SELECT id, body FROM task_comments WHERE task_id = :id ORDER BY id DESC LIMIT 50)
  SELECT 'title' AS found_in, NULL AS attempt, NULL AS outcome, title AS text FROM tasks WHERE id = :id
  UNION ALL SELECT 'body', NULL, NULL, substr(body, 1, 50000) FROM tasks WHERE id = :id AND body IS NOT NULL
  UNION ALL SELECT 'error', attempt, outcome, substr(error, 1, 20000) FROM run WHERE error IS NOT NULL
  UNION ALL SELECT 'summary', attempt, outcome, substr(summary, 1, 20000) FROM run WHERE summary IS NOT NULL
  UNION ALL SELECT 'comment', NULL, NULL, substr(body, 1, 20000) FROM comment`)
