import type { UsageRow } from '../../contract/index.ts'
import { count } from '../../formats/count.ts'
import { costText, tokensText } from '../../formats/usage-text.ts'
import { duration } from '../shared/time.ts'

/** One line or part of the bars in a plot, with a value for each day. */
export interface Series {
  name: string
  /** The name of a colour in tokens.css. */
  color: string
  values: readonly (number | null)[]
}

export interface Plot {
  title: string
  /** `stacked`: bars, with the first series at the bottom; `lines`: one line per series. */
  kind: 'stacked' | 'lines'
  series: readonly Series[]
  /** A value in words, for the axis and below the title. */
  words: (value: number) => string
  unit: 'count' | 'time' | 'money'
}

const valuesOf = (rows: readonly UsageRow[], of: (row: UsageRow) => number | null) => rows.map(of)

/** @param days the usage of each day, oldest first */
export function plotsOf(days: readonly UsageRow[]): Plot[] {
  const series = (name: string, color: string, of: (row: UsageRow) => number | null): Series => ({
    name,
    color,
    values: valuesOf(days, of),
  })
  return [
    {
      title: 'Runs',
      kind: 'stacked',
      series: [
        series('succeeded', '--good-line', (row) => row.succeeded),
        series('failed', '--bad-line', (row) => row.failed),
        series('other', '--idle-line', (row) => row.runs - row.succeeded - row.failed),
      ],
      words: String,
      unit: 'count',
    },
    {
      title: 'Time to done',
      kind: 'lines',
      series: [
        series('P50', '--accent', (row) => row.done_ms_p50),
        series('P90', '--review-line', (row) => row.done_ms_p90),
      ],
      words: (value) => duration(value),
      unit: 'time',
    },
    {
      title: 'Tokens',
      kind: 'stacked',
      series: [
        series('in', '--accent', (row) => row.input_tokens),
        series('cached', '--accent-line', (row) => row.cached_input_tokens),
        series('out', '--review-line', (row) => row.output_tokens),
      ],
      words: (value) => tokensText(value) ?? '',
      unit: 'count',
    },
    {
      title: 'Cost',
      kind: 'stacked',
      series: [series('reported cost', '--accent', (row) => row.cost_usd)],
      words: (value) => costText(value) ?? '',
      unit: 'money',
    },
  ]
}

/** @returns for each series, its values plus those of the series below it; null where all of these are unknown */
export function stackOf(series: readonly Series[]): (number | null)[][] {
  const sums: (number | null)[] = []
  return series.map(({ values }) =>
    values.map((value, day) => {
      const below = sums[day] ?? null
      return (sums[day] = value === null && below === null ? null : (value ?? 0) + (below ?? 0))
    }),
  )
}

/** @returns the values of one day: `3 succeeded, 1 failed` */
export function dayWords({ series, words }: Plot, day: number): string {
  return series
    .map(({ name, values }) => {
      const value = values[day] ?? null
      return `${value === null ? 'unknown' : words(value)} ${name}`
    })
    .join(', ')
}

/** @returns a note about the runs that the sum of costs leaves out; null for none */
export function withoutCost({ runs, runs_without_cost: without }: UsageRow): string | null {
  if (without === 0) return null
  return without === runs ? 'no run reported a cost' : `${count(without, 'run')} reported no cost`
}
