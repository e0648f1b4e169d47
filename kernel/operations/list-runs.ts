import { type CheckedInput, FAILURE_OUTCOMES, type OperationOutput } from '../../contract/index.ts'
import { presentRun } from '../board/present.ts'
import { listed, type ListedRunRow, type RunFilter } from '../tables/listed-runs.ts'
import type { BoardContext } from './handler.ts'
import { withinBytes } from './newest.ts'

type Input = CheckedInput<'run.list'>

/** A page of runs, of the whole board or of one task. */
export function listRuns({ services, read }: BoardContext, input: Input): OperationOutput<'run.list'> {
  const now = services.clock()
  // One row more than asked for shows whether there is another page. A page of long runs fills up before its limit.
  const rows = read.iterate(statementFor(input), { ...filterOf(input), limit: input.limit + 1 })
  const found = withinBytes(rows, (row) => presentListed(row, now))
  const page = found.shown.slice(0, input.limit)
  const hasMore = found.isCut || found.shown.length > page.length
  return { runs: page, next: hasMore ? (page.at(-1)?.id ?? null) : null }
}

function statementFor({ task_id, fingerprint, open, order }: Input) {
  if (task_id !== undefined) return listed.task[order]
  if (fingerprint !== undefined) return listed.fingerprint[order]
  return listed[open === true ? 'open' : 'board'][order]
}

function filterOf(input: Input): Omit<RunFilter, 'limit'> {
  return {
    outcomes: outcomesOf(input),
    open: input.open === undefined ? null : input.open ? 1 : 0,
    profile: input.profile ?? null,
    task_id: input.task_id ?? null,
    fingerprint: input.fingerprint ?? null,
    since: input.since ?? null,
    until: input.until ?? null,
    cursor: input.cursor ?? null,
  }
}

/** With both filters, a run must match both: a failure, and one of the given outcomes. */
function outcomesOf({ outcomes, failed }: Input): string | null {
  if (outcomes.length === 0) return failed ? JSON.stringify(FAILURE_OUTCOMES) : null
  const wanted = failed ? outcomes.filter((outcome) => FAILURE_OUTCOMES.includes(outcome)) : outcomes
  return JSON.stringify(wanted)
}

function presentListed(row: ListedRunRow, now: number) {
  const { title, same_error_tasks, ...run } = row
  return { ...presentRun(run, now), title, same_error_tasks }
}
