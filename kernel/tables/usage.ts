import { FAILURE_OUTCOMES, type Outcome, type UsageKey } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { quoted } from './names.ts'

const SUCCEEDED = quoted(['completed', 'review_requested'] satisfies Outcome[])
const FAILED = quoted(FAILURE_OUTCOMES)

/** A worker can report any JSON: numbers that are negative, or too large to add up, count as unknown. */
const numberIn = (name: string, types: string) =>
  `CASE WHEN json_type(run.usage, '$.${name}') IN (${types})
    AND json_extract(run.usage, '$.${name}') BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}
    THEN json_extract(run.usage, '$.${name}') END`
const tokensIn = (name: string) => numberIn(name, `'integer'`)
const COST = numberIn('cost_usd', `'integer', 'real'`)

/** Uses `total`, because `sum` fails when integers overflow. NULL without a known number. */
const sumOf = (number: string) =>
  `CASE WHEN count(${number}) > 0 THEN min(total(${number}), ${Number.MAX_SAFE_INTEGER}) END`

/** Not an attempt, but a result that a person recorded by hand: it starts and ends at once, without a process. */
const RECORDED = `(run.spawned_at IS NULL AND run.ended_at = run.started_at AND run.outcome NOT IN (${FAILED}))`

/** Exited with 0 without a report: a person decides whether the work is done, so it is neither a success nor a failure. */
const UNREPORTED = `(run.outcome = 'crashed' AND run.exit_code IS 0)`

/**
 * The SQL for the key that runs are grouped by, and the joins that it needs. CROSS JOIN makes SQLite keep the order of the
 * tables: days, then their runs, then the task of each run.
 */
const RUN_KEYS: Record<UsageKey, { key: string; joins: string }> = {
  day: { key: 'day.name', joins: '' },
  profile: { key: 'run.profile', joins: '' },
  label: {
    key: 'label.value',
    joins: `CROSS JOIN tasks AS task ON task.id = run.task_id LEFT JOIN json_each(task.labels) AS label`,
  },
  workflow: {
    key: 'template.name',
    joins: `LEFT JOIN workflow_visits AS visit ON visit.id = run.visit_id
      LEFT JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      LEFT JOIN workflow_templates AS template ON template.id = walk.template_id`,
  },
}

/** The same for done tasks. By day, the caller sorts them by `completed_at`. */
const TASK_KEYS: Record<UsageKey, { key: string; joins: string }> = {
  day: { key: 'NULL', joins: '' },
  profile: { key: 'task.assignee', joins: '' },
  label: { key: 'label.value', joins: 'LEFT JOIN json_each(task.labels) AS label' },
  workflow: {
    key: `(SELECT template.name FROM workflow_runs AS walk
      JOIN workflow_templates AS template ON template.id = walk.template_id
      WHERE walk.task_id = task.id ORDER BY walk.id DESC LIMIT 1)`,
    joins: '',
  },
}

export interface RunsRow {
  key: string | null
  runs: number
  succeeded: number
  failed: number
  input_tokens: number | null
  cached_input_tokens: number | null
  output_tokens: number | null
  cost_usd: number | null
  /** How many runs have a known cost. */
  with_cost: number
  /** How many runs have a known number of input or output tokens. */
  with_tokens: number
}

/** @param by the key to group by. In the statement, `days` is a JSON list of `CalendarDay`. */
function runsStatement(by: UsageKey) {
  const { key, joins } = RUN_KEYS[by]
  return statement<{ days: string }, RunsRow>(`
  WITH day (name, since, until) AS MATERIALIZED (
    SELECT value ->> 'name', value ->> 'since', value ->> 'until' FROM json_each(:days)
  )
  SELECT ${key} AS key, count(*) AS runs,
    sum(run.outcome IN (${SUCCEEDED})) AS succeeded,
    sum(run.outcome IN (${FAILED}) AND NOT ${UNREPORTED}) AS failed,
    ${sumOf(tokensIn('input_tokens'))} AS input_tokens,
    ${sumOf(tokensIn('cached_input_tokens'))} AS cached_input_tokens,
    ${sumOf(tokensIn('output_tokens'))} AS output_tokens,
    ${sumOf(COST)} AS cost_usd,
    count(${COST}) AS with_cost,
    sum(coalesce(${tokensIn('input_tokens')}, ${tokensIn('output_tokens')}) IS NOT NULL) AS with_tokens
  FROM day CROSS JOIN task_runs AS run INDEXED BY task_runs_ended
    ON run.ended_at >= day.since AND run.ended_at < day.until ${joins}
  WHERE NOT ${RECORDED}
  GROUP BY 1 ORDER BY runs DESC, key`)
}

export interface DoneRow {
  key: string | null
  completed_at: number
  /** Milliseconds from start to completion; null for a task that never started. */
  took: number | null
}

/** Searches the index on `updated_at`: that of a done task is never before its `completed_at`, which has no index. */
function doneStatement(by: UsageKey) {
  const { key, joins } = TASK_KEYS[by]
  return statement<{ since: number; until: number }, DoneRow>(`
  SELECT ${key} AS key, task.completed_at, task.completed_at - task.started_at AS took
  FROM tasks AS task INDEXED BY tasks_updated ${joins}
  WHERE task.updated_at >= :since AND task.completed_at >= :since AND task.completed_at < :until
    AND (task.status = 'done' OR task.archived_from = 'done')`)
}

/** Runs that ended on the given days, summed up. By label, a run counts once for each label of its task. */
export const runsBy = {
  day: runsStatement('day'),
  profile: runsStatement('profile'),
  label: runsStatement('label'),
  workflow: runsStatement('workflow'),
} as const

/** Tasks that were done between two times. By label, a task has a row for each of its labels. */
export const doneBy = {
  day: doneStatement('day'),
  profile: doneStatement('profile'),
  label: doneStatement('label'),
  workflow: doneStatement('workflow'),
} as const
