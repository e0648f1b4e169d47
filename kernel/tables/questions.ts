import type { QuestionKind, WithdrawnWhy } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'

/** A row of `questions`, with the task and the attempt of its run. JSON columns are text. */
export interface QuestionRow {
  id: number
  run_id: number
  task_id: string
  attempt: number
  kind: QuestionKind
  title: string
  input: string | null
  diff: string | null
  options: string
  asked_at: number
  answered_at: number | null
  answer: string | null
  answered_by: string | null
  withdrawn_at: number | null
  withdrawn_why: WithdrawnWhy | null
}

/** Whether a question is neither answered nor withdrawn. */
export function isOpen({
  answered_at,
  withdrawn_at,
}: Pick<QuestionRow, 'answered_at' | 'withdrawn_at'>): boolean {
  return answered_at === null && withdrawn_at === null
}

export const QUESTION_COLUMNS = [
  'id',
  'run_id',
  'kind',
  'title',
  'input',
  'diff',
  'options',
  'asked_at',
  'answered_at',
  'answer',
  'answered_by',
  'withdrawn_at',
  'withdrawn_why',
] as const

const select = `
  SELECT ${QUESTION_COLUMNS.map((column) => `question.${column}`).join(', ')}, run.task_id AS task_id, run.attempt AS attempt
  FROM questions AS question JOIN task_runs AS run ON run.id = question.run_id`

/** A question as lists have it: they would be megabytes large with every diff and input. */
export type ListedRow = QuestionRow & { has_diff: 0 | 1; is_cut: 0 | 1 }

/** Longer inputs are left out of lists, in characters. */
const LISTED_INPUT = 16_000

const listed = `
  SELECT ${QUESTION_COLUMNS.filter((column) => column !== 'input' && column !== 'diff')
    .map((column) => `question.${column}`)
    .join(', ')},
    iif(length(question.input) <= ${LISTED_INPUT}, question.input, NULL) AS input, NULL AS diff,
    question.diff IS NOT NULL AS has_diff,
    question.diff IS NOT NULL OR coalesce(length(question.input), 0) > ${LISTED_INPUT} AS is_cut,
    run.task_id AS task_id, run.attempt AS attempt
  FROM questions AS question JOIN task_runs AS run ON run.id = question.run_id`

export const byId = statement<{ id: number }, QuestionRow>(`${select} WHERE question.id = :id`)

/** The open questions of a run, the oldest first. */
export const openOfRun = statement<{ run_id: number }, ListedRow>(
  `${listed} WHERE question.open_run_id = :run_id ORDER BY question.id`,
)

/** The open questions of the board, the one that waits the longest first. */
export const open = statement<{ limit: number }, ListedRow>(
  `${listed} WHERE question.open_run_id IS NOT NULL ORDER BY question.id LIMIT :limit`,
)

/** All questions of a task, the newest first. */
export const ofTask = statement<{ task_id: string; limit: number }, ListedRow>(
  `${listed} WHERE run.task_id = :task_id ORDER BY question.id DESC LIMIT :limit`,
)

export const openOfTask = statement<{ task_id: string; limit: number }, ListedRow>(
  `${listed} WHERE run.task_id = :task_id AND question.open_run_id IS NOT NULL ORDER BY question.id LIMIT :limit`,
)

/** What the context of the next attempt says of an answered question. */
export interface AnsweredRow {
  title: string
  answer: string
  answered_by: string
  answered_at: number
  attempt: number
}

/**
 * The answered questions of the ended runs of a task, the newest first. A permission counts only if the person who decided
 * said something with it.
 */
export const answeredOf = statement<{ task_id: string; attempt: number; limit: number }, AnsweredRow>(`
  SELECT question.title AS title, question.answer AS answer, question.answered_by AS answered_by,
    question.answered_at AS answered_at, run.attempt AS attempt
  FROM task_runs AS run JOIN questions AS question ON question.run_id = run.id
  WHERE run.task_id = :task_id AND run.attempt >= :attempt AND run.ended_at IS NOT NULL
    AND question.answered_at IS NOT NULL
    AND (question.kind <> 'permission' OR json_extract(question.answer, '$.text') IS NOT NULL)
  ORDER BY question.id DESC LIMIT :limit`)

/** All questions of the board, the newest first. */
export const newest = statement<{ limit: number }, ListedRow>(
  `${listed} ORDER BY question.id DESC LIMIT :limit`,
)

/** The open questions of the board, each with its run and since when it waits. */
export const waits = statement<Record<never, never>, { id: number; run_id: number; since: number }>(`
  SELECT id, open_run_id AS run_id, asked_at AS since FROM questions WHERE open_run_id IS NOT NULL`)

export const hasOpen = statement<{ run_id: number }, { has_open: 0 | 1 }>(
  'SELECT EXISTS (SELECT 1 FROM questions WHERE open_run_id = :run_id) AS has_open',
)

/** Since when each run waits for an answer. */
export const waitingRuns = statement<Record<never, never>, { run_id: number; since: number }>(`
  SELECT open_run_id AS run_id, min(asked_at) AS since FROM questions
  WHERE open_run_id IS NOT NULL GROUP BY open_run_id`)

/** Tasks that wait for an answer, each with its oldest open question. (SQLite takes the columns of the row with the minimum.) */
export const openByTask = statement<
  Record<never, never>,
  { task_id: string; id: number; title: string; count: number }
>(`
  SELECT run.task_id AS task_id, min(question.id) AS id, substr(question.title, 1, 400) AS title, count(*) AS count
  FROM questions AS question JOIN task_runs AS run ON run.id = question.run_id
  WHERE question.open_run_id IS NOT NULL GROUP BY run.task_id`)

/** How many questions a run has asked. */
export const countOfRun = statement<{ run_id: number }, { count: number }>(
  'SELECT count(*) AS count FROM questions WHERE run_id = :run_id',
)

/** How many runs other than one wait for an answer. */
export const countWaiting = statement<{ without: number }, { count: number }>(`
  SELECT count(DISTINCT open_run_id) AS count FROM questions
  WHERE open_run_id IS NOT NULL AND open_run_id <> :without`)

/** The waits of a run, the earliest first; `until` is NULL while the question is open. */
export const waitsOf = statement<{ run_id: number }, { since: number; until: number | null }>(`
  SELECT asked_at AS since, coalesce(answered_at, withdrawn_at) AS until FROM questions
  WHERE run_id = :run_id ORDER BY asked_at`)

export const insert = statement<
  Pick<QuestionRow, 'run_id' | 'kind' | 'title' | 'input' | 'diff' | 'options'> & { now: number },
  { id: number }
>(`
  INSERT INTO questions (run_id, kind, title, input, diff, options, asked_at)
  VALUES (:run_id, :kind, :title, :input, :diff, :options, :now) RETURNING id`)

/** Changes no row unless the question is open. */
export const setAnswer = statement<{ id: number; now: number; answer: string; by: string }, { id: number }>(`
  UPDATE questions SET answered_at = max(:now, asked_at), answer = :answer, answered_by = :by
  WHERE id = :id AND open_run_id IS NOT NULL RETURNING id`)

/** Changes no row unless the question is open. */
export const withdraw = statement<{ id: number; now: number; why: WithdrawnWhy }, { id: number }>(`
  UPDATE questions SET withdrawn_at = max(:now, asked_at), withdrawn_why = :why
  WHERE id = :id AND open_run_id IS NOT NULL RETURNING id`)
