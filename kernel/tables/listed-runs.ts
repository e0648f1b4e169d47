import { RUN_COLUMNS, type RunRow } from './task-runs.ts'
import { statement } from '../db/statement.ts'

/** A run with the facts that lists of the whole board show beside it. */
export interface ListedRunRow extends RunRow {
  title: string
  same_error_tasks: number
}

/** Selects runs of the board. */
export interface RunFilter {
  /** JSON list of `SearchWord`; only `listed.search` and `errorsOfSearch` read it. */
  words: string
  /** JSON list of outcomes; null means any. */
  outcomes: string | null
  open: 0 | 1 | null
  profile: string | null
  task_id: string | null
  fingerprint: string | null
  since: number | null
  until: number | null
}

interface PageFilter extends RunFilter {
  /** The page begins after this id; null for the first page. */
  cursor: number | null
  limit: number
}

const columns = RUN_COLUMNS.map((column) =>
  column === 'context' ? 'NULL AS context' : `run.${column}`,
).join(', ')

const MATCHES = `
      (:outcomes IS NULL OR outcome IN (SELECT value FROM json_each(:outcomes)))
      AND (:open IS NULL OR (ended_at IS NULL) = :open)
      AND (:profile IS NULL OR profile = :profile)
      AND (:task_id IS NULL OR task_id = :task_id)
      AND (:fingerprint IS NULL OR error_fingerprint = :fingerprint)
      AND (:since IS NULL OR ended_at IS NULL OR ended_at >= :since)
      AND (:until IS NULL OR started_at < :until)`

/**
 * The runs that have every word: in the summary, the error, the profile, or the title of the task. A full-text index finds
 * all but the profile; names of profiles are scanned, in an index that is much smaller than the table of runs.
 */
const HITS = `
  word (place, word, match) AS (
    SELECT key, value ->> 'word', value ->> 'match' FROM json_each(:words)
  ),
  hit (place, id) AS (
    SELECT word.place, runs_fts.rowid FROM word CROSS JOIN runs_fts ON runs_fts MATCH word.match
    UNION
    SELECT word.place, run.id
    FROM word CROSS JOIN tasks_fts ON tasks_fts MATCH 'title : ' || word.match
      CROSS JOIN tasks_fts_ids AS number ON number.id = tasks_fts.rowid
      CROSS JOIN task_runs AS run ON run.task_id = number.task_id
    UNION
    SELECT word.place, run.id
    FROM word CROSS JOIN task_runs AS run INDEXED BY task_runs_profile ON instr(lower(run.profile), word.word) > 0
  ),
  found (id) AS MATERIALIZED (
    SELECT id FROM hit GROUP BY id HAVING count(*) = (SELECT count(*) FROM word)
  ),`
const IN_FOUND = 'id IN (SELECT id FROM found)'

/**
 * The page is found first, by ids alone. Only its few runs are then counted against others with the same error, each
 * error once.
 *
 * @param narrowed the filter that an index can answer; the rest is checked run by run
 */
function listStatement(order: 'newest' | 'oldest', narrowed: string, before: string) {
  const [behind, direction] = order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC']
  return statement<PageFilter, ListedRunRow>(`
  WITH ${before} page (id) AS MATERIALIZED (
    SELECT id FROM task_runs
    WHERE ${narrowed}
      AND (:cursor IS NULL OR id ${behind} :cursor)
      AND ${MATCHES}
    ORDER BY id ${direction} LIMIT :limit
  ),
  alike (fingerprint, tasks) AS MATERIALIZED (
    SELECT error_fingerprint, count(DISTINCT task_id) FROM task_runs
    WHERE error_fingerprint IN (SELECT error_fingerprint FROM task_runs WHERE id IN page)
    GROUP BY error_fingerprint
  )
  SELECT ${columns}, task.title, coalesce(alike.tasks - 1, 0) AS same_error_tasks
  FROM page
    CROSS JOIN task_runs AS run ON run.id = page.id
    CROSS JOIN tasks AS task ON task.id = run.task_id
    LEFT JOIN alike ON alike.fingerprint = run.error_fingerprint
  ORDER BY run.id ${direction}`)
}

function ordersOf(narrowed: string, before = '') {
  return {
    newest: listStatement('newest', narrowed, before),
    oldest: listStatement('oldest', narrowed, before),
  }
}

/** The runs of the whole board, by the most selective filter. */
export const listed = {
  board: ordersOf('true'),
  search: ordersOf(IN_FOUND, HITS),
  task: ordersOf('task_id = :task_id'),
  fingerprint: ordersOf('error_fingerprint = :fingerprint'),
  open: ordersOf('open_run_id IS NOT NULL'),
} as const

export interface ErrorRow {
  fingerprint: string
  runs: number
  tasks: number
  first_at: number
  last_at: number
  /** The newest of the runs. */
  id: number
  /** How many errors there are, including those beyond the limit. */
  total: number
}

function errorsStatement(narrowed: string, before: string) {
  return statement<RunFilter & { limit: number }, ErrorRow>(`
  WITH ${before} error AS (
    SELECT error_fingerprint AS fingerprint, count(*) AS runs, count(DISTINCT task_id) AS tasks,
      min(started_at) AS first_at, max(coalesce(ended_at, started_at)) AS last_at, max(id) AS id
    FROM task_runs INDEXED BY task_runs_fingerprint
    WHERE error_fingerprint IS NOT NULL AND ${narrowed} AND ${MATCHES}
    GROUP BY error_fingerprint
  )
  SELECT *, (SELECT count(*) FROM error) AS total FROM error ORDER BY runs DESC, id DESC LIMIT :limit`)
}

/** Failed runs by their error, the most frequent first. */
export const errors = errorsStatement('true', '')
export const errorsOfSearch = errorsStatement(IN_FOUND, HITS)

/** In how many other tasks an error occurred. */
export const sameErrorTasks = statement<{ fingerprint: string; task_id: string }, { tasks: number }>(`
  SELECT count(DISTINCT task_id) AS tasks FROM task_runs
  WHERE error_fingerprint = :fingerprint AND task_id <> :task_id`)
