import { RUN_COLUMNS, type RunRow } from './task-runs.ts'
import { statement } from '../db/statement.ts'

/** A run with the facts that lists of the whole board show beside it. */
export interface ListedRunRow extends RunRow {
  title: string
  same_error_tasks: number
}

export interface RunFilter {
  /** JSON list of outcomes; null means any. */
  outcomes: string | null
  open: 0 | 1 | null
  profile: string | null
  task_id: string | null
  fingerprint: string | null
  since: number | null
  until: number | null
  /** The page begins after this id; null for the first page. */
  cursor: number | null
  limit: number
}

const columns = RUN_COLUMNS.map((column) =>
  column === 'context' ? 'NULL AS context' : `run.${column}`,
).join(', ')

/**
 * The page is found first, by ids alone. Only its few runs are then counted against others with the same error, each
 * error once.
 *
 * @param narrowed the filter that an index can answer; the rest is checked run by run
 */
function listStatement(order: 'newest' | 'oldest', narrowed: string) {
  const [behind, direction] = order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC']
  return statement<RunFilter, ListedRunRow>(`
  WITH page (id) AS MATERIALIZED (
    SELECT id FROM task_runs
    WHERE ${narrowed}
      AND (:cursor IS NULL OR id ${behind} :cursor)
      AND (:outcomes IS NULL OR outcome IN (SELECT value FROM json_each(:outcomes)))
      AND (:open IS NULL OR (ended_at IS NULL) = :open)
      AND (:profile IS NULL OR profile = :profile)
      AND (:task_id IS NULL OR task_id = :task_id)
      AND (:fingerprint IS NULL OR error_fingerprint = :fingerprint)
      AND (:since IS NULL OR ended_at IS NULL OR ended_at >= :since)
      AND (:until IS NULL OR started_at < :until)
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

function ordersOf(narrowed: string) {
  return { newest: listStatement('newest', narrowed), oldest: listStatement('oldest', narrowed) }
}

/** The runs of the whole board, by the most selective filter. */
export const listed = {
  board: ordersOf('true'),
  task: ordersOf('task_id = :task_id'),
  fingerprint: ordersOf('error_fingerprint = :fingerprint'),
  open: ordersOf('open_run_id IS NOT NULL'),
} as const

/** In how many other tasks an error occurred. */
export const sameErrorTasks = statement<{ fingerprint: string; task_id: string }, { tasks: number }>(`
  SELECT count(DISTINCT task_id) AS tasks FROM task_runs
  WHERE error_fingerprint = :fingerprint AND task_id <> :task_id`)
