import { type CheckedInput, FAILURE_OUTCOMES, type OperationOutput } from '../../contract/index.ts'
import { presentRun } from '../board/present.ts'
import { searchWords } from '../board/search.ts'
import { errors, errorsOfSearch, listed, type ListedRunRow, type RunFilter } from '../tables/listed-runs.ts'
import type { Reader } from '../db/connection.ts'
import type { BoardContext } from './handler.ts'
import { withinBytes } from './newest.ts'

type Input = CheckedInput<'run.list'>

/** A page of runs, of the whole board or of one task. */
export function listRuns({ services, read }: BoardContext, input: Input): OperationOutput<'run.list'> {
  const now = services.clock()
  const filter = filterOf(input)
  if (filter === null) return { runs: [], next: null }
  // One row more than asked for shows whether there is another page. A page of long runs fills up before its limit.
  const rows = read.iterate(statementFor(input), {
    ...filter,
    cursor: input.cursor ?? null,
    limit: input.limit + 1,
  })
  const found = withinBytes(rows, (row) => presentListed(row, now))
  const page = found.shown.slice(0, input.limit)
  const hasMore = found.isCut || found.shown.length > page.length
  return { runs: page, next: hasMore ? (page.at(-1)?.id ?? null) : null }
}

/** The failed runs, by their error. */
export function groupErrors(
  { services, read }: BoardContext,
  input: CheckedInput<'run.errors'>,
): OperationOutput<'run.errors'> {
  const now = services.clock()
  const filter = filterOf({ ...input, failed: true })
  if (filter === null) return { errors: [], total: 0 }
  const rows = read.all(isSearch(input) ? errorsOfSearch : errors, {
    ...filter,
    limit: input.limit,
  })
  const { shown } = withinBytes(rows, ({ id, total: _total, ...group }) => ({
    ...group,
    run: presentListed(listedRun(read, id), now),
  }))
  return { errors: shown, total: rows[0]?.total ?? 0 }
}

function listedRun(read: Reader, id: number): ListedRunRow {
  const any = { words: '[]', outcomes: null, open: null, profile: null, task_id: null, fingerprint: null }
  const [row] = read.all(listed.board.newest, { ...any, since: null, until: null, cursor: id + 1, limit: 1 })
  if (row === undefined) throw new Error(`run ${id} is gone`)
  return row
}

function statementFor(input: Input) {
  const { task_id, fingerprint, open, order } = input
  if (isSearch(input)) return listed.search[order]
  if (task_id !== undefined) return listed.task[order]
  if (fingerprint !== undefined) return listed.fingerprint[order]
  return listed[open === true ? 'open' : 'board'][order]
}

/** A blank text does not filter. */
function isSearch({ search }: Pick<Input, 'search'>): boolean {
  return search !== undefined && search.trim() !== ''
}

/** @returns null when no run can match, because the search text has no word */
function filterOf(input: Input | CheckedInput<'run.errors'>): RunFilter | null {
  const words = isSearch(input) ? searchWords(input.search ?? '') : []
  if (isSearch(input) && words.length === 0) return null
  return {
    words: JSON.stringify(words),
    outcomes: outcomesOf(input),
    open: input.open === undefined ? null : input.open ? 1 : 0,
    profile: input.profile ?? null,
    task_id: input.task_id ?? null,
    fingerprint: input.fingerprint ?? null,
    since: input.since ?? null,
    until: input.until ?? null,
  }
}

/** With both filters, a run must match both: a failure, and one of the given outcomes. */
function outcomesOf({ outcomes, failed }: Pick<Input, 'outcomes' | 'failed'>): string | null {
  if (outcomes.length === 0) return failed ? JSON.stringify(FAILURE_OUTCOMES) : null
  const wanted = failed ? outcomes.filter((outcome) => FAILURE_OUTCOMES.includes(outcome)) : outcomes
  return JSON.stringify(wanted)
}

function presentListed(row: ListedRunRow, now: number) {
  const { title, same_error_tasks, ...run } = row
  return { ...presentRun(run, now), title, same_error_tasks }
}
