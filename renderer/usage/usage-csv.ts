import type { UsageKey, UsageRow } from '../../contract/index.ts'

const COLUMNS = [
  'runs',
  'succeeded',
  'failed',
  'success_rate',
  'tasks_done',
  'done_ms_p50',
  'done_ms_p90',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'cost_usd',
  'runs_without_cost',
  'runs_without_tokens',
] as const satisfies readonly (keyof UsageRow)[]

/** @returns a table as CSV (RFC 4180), with the names and units of the contract; unknown values are empty */
export function usageCsv(by: UsageKey, rows: readonly UsageRow[]): string {
  const lines = rows.map((row) => [row.key, ...COLUMNS.map((column) => row[column])].map(field).join(','))
  return [[by, ...COLUMNS].join(','), ...lines, ''].join('\r\n')
}

/** Matches a text that a spreadsheet would run as a formula. Labels and names are untrusted, so a quote is put before. */
const FORMULA = /^[=+\-@\t\r]/

function field(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
