import { count } from '../../../formats/count.ts'
import { costText, percentText, tokensText } from '../../../formats/usage-text.ts'
import type { Usage, UsageRow } from '../../../contract/index.ts'
import type { Printer } from './printer.ts'
import { type Column, table } from './table.ts'
import { duration } from './time.ts'

const took = (ms: number | null) => (ms === null ? '-' : duration(ms))

const NUMBERS: Column<UsageRow>[] = [
  { header: 'RUNS', text: ({ runs }) => String(runs), right: true },
  { header: 'FAILED', text: ({ failed }) => String(failed), right: true },
  { header: 'SUCCESS', text: ({ success_rate }) => percentText(success_rate) ?? '-', right: true },
  { header: 'DONE', text: ({ tasks_done }) => String(tasks_done), right: true },
  { header: 'P50', text: ({ done_ms_p50 }) => took(done_ms_p50), right: true, drop: 2 },
  { header: 'P90', text: ({ done_ms_p90 }) => took(done_ms_p90), right: true, drop: 3 },
  { header: 'IN', text: (row) => tokensText(row.input_tokens) ?? '-', right: true, drop: 5 },
  { header: 'CACHED', text: (row) => tokensText(row.cached_input_tokens) ?? '-', right: true, drop: 6 },
  { header: 'OUT', text: (row) => tokensText(row.output_tokens) ?? '-', right: true, drop: 4 },
  { header: 'COST', text: ({ cost_usd }) => costText(cost_usd) ?? '-', right: true },
  { header: 'NO COST', text: (row) => String(row.runs_without_cost), right: true, drop: 1 },
]

/** One line per day, profile, label or workflow, then the total. Leaves out days without runs and finished tasks. */
export function printUsage({ by, rows, total, time_zone }: Usage, { paint, width }: Printer): string {
  if (total.runs === 0 && total.tasks_done === 0) return 'No runs in this time.\n'
  const shown = rows.filter(({ runs, tasks_done }) => by !== 'day' || runs > 0 || tasks_done > 0)
  const name: Column<UsageRow> = {
    header: by.toUpperCase(),
    text: (row) => (row === total ? 'total' : (row.key ?? '(none)')),
    least: 8,
  }
  const lines = table([...shown, total], [name, ...NUMBERS], width, paint.dim)
  const missing =
    total.runs_without_cost === 0
      ? ''
      : paint.dim(
          `${count(total.runs_without_cost, 'run')} reported no cost, so the sums leave ${total.runs_without_cost === 1 ? 'it' : 'them'} out.\n`,
        )
  const zone = by === 'day' ? paint.dim(`Days begin in ${time_zone}.\n`) : ''
  return lines + missing + zone
}
