import { percentile } from '../../formats/percentile.ts'
import type { UsageRow } from '../../contract/index.ts'
import { type CalendarDay, lastDays } from '../../formats/days.ts'
import { doneBy, type DoneRow, runsBy, type RunsRow } from '../tables/usage.ts'
import type { BoardHandlers } from './handler.ts'

export const usageHandlers = {
  'usage.show': ({ services, board }, { days: count, by, time_zone }) => {
    const zone = time_zone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
    const now = services.clock()
    const days = lastDays(now, count, zone)
    const [since, until] = [days[0]?.since ?? now, days.at(-1)?.until ?? now]
    const input = { days: JSON.stringify(days) }
    return board.connection.snapshot((read) => {
      const runs = read.all(runsBy[by], input)
      const tasks = read.all(doneBy[by], { since, until })
      // With labels, a run is in several rows, so the rows do not add up to the total.
      const each = by === 'label' ? read.all(runsBy.day, input) : runs
      const done = by === 'label' ? read.all(doneBy.day, { since, until }) : tasks
      const rows = by === 'day' ? dayRows(days, runs, tasks) : keyRows(runs, tasks)
      return { by, time_zone: zone, since, until, total: rowOf(null, each, done), rows }
    })
  },
} satisfies Partial<BoardHandlers>

/** A row for every day, including days without ended runs. */
function dayRows(
  days: readonly CalendarDay[],
  runs: readonly RunsRow[],
  tasks: readonly DoneRow[],
): UsageRow[] {
  return days.map(({ name, since, until }) =>
    rowOf(
      name,
      runs.filter(({ key }) => key === name),
      tasks.filter(({ completed_at }) => completed_at >= since && completed_at < until),
    ),
  )
}

/** The keys in the order of the runs; then, by name, the keys whose tasks were done without a run. */
function keyRows(runs: readonly RunsRow[], tasks: readonly DoneRow[]): UsageRow[] {
  const tasksOf = new Map<string | null, DoneRow[]>()
  for (const task of tasks) {
    const known = tasksOf.get(task.key)
    if (known === undefined) tasksOf.set(task.key, [task])
    else known.push(task)
  }
  const keys = new Set([...runs.map(({ key }) => key), ...[...tasksOf.keys()].sort()])
  return [...keys].map((key) =>
    rowOf(
      key,
      runs.filter((row) => row.key === key),
      tasksOf.get(key) ?? [],
    ),
  )
}

function rowOf(key: string | null, rows: readonly RunsRow[], tasks: readonly DoneRow[]): UsageRow {
  const sum = (of: (row: RunsRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  /** Unknown is not 0: the sum is unknown if all numbers are. */
  const known = (of: (row: RunsRow) => number | null) =>
    rows.every((row) => of(row) === null)
      ? null
      : Math.min(
          sum((row) => of(row) ?? 0),
          Number.MAX_SAFE_INTEGER,
        )
  const [runs, succeeded, failed] = [
    sum((row) => row.runs),
    sum((row) => row.succeeded),
    sum((row) => row.failed),
  ]
  const took = tasks.flatMap((task) => task.took ?? [])
  return {
    key,
    runs,
    succeeded,
    failed,
    success_rate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    tasks_done: tasks.length,
    done_ms_p50: percentile(took, 50),
    done_ms_p90: percentile(took, 90),
    input_tokens: known((row) => row.input_tokens),
    cached_input_tokens: known((row) => row.cached_input_tokens),
    output_tokens: known((row) => row.output_tokens),
    cost_usd: known((row) => row.cost_usd),
    runs_without_cost: runs - sum((row) => row.with_cost),
    runs_without_tokens: runs - sum((row) => row.with_tokens),
  }
}
