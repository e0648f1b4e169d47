import { expect, it } from 'vitest'
import type { Client, UsageRow } from '../../contract/index.ts'
import type { OpenBoard } from '../shared/context.ts'
import { usageCsv } from './usage-csv.ts'
import { dayWords, plotsOf, stackOf, withoutCost } from './usage-plots.ts'
import { UsageStore } from './usage-store.svelte.ts'

const row = (given: Partial<UsageRow>): UsageRow => ({
  key: '2026-11-22',
  ...{ runs: 0, succeeded: 0, failed: 0, success_rate: null, tasks_done: 0, done_ms_p50: null },
  ...{
    done_ms_p90: null,
    input_tokens: null,
    cached_input_tokens: null,
    output_tokens: null,
    cost_usd: null,
  },
  ...{ runs_without_cost: 0, runs_without_tokens: 0 },
  ...given,
})

it('stacks the known values, and leaves a gap where all are unknown', () => {
  const days = [row({ runs: 6, succeeded: 3, failed: 1, input_tokens: 10, output_tokens: 5 }), row({})]
  const [runs, took, tokens, cost] = plotsOf(days)
  expect(stackOf(runs!.series)).toEqual([
    [3, 0],
    [4, 0],
    [6, 0],
  ])
  expect(stackOf(tokens!.series)).toEqual([
    [10, null],
    [10, null],
    [15, null],
  ])
  expect(dayWords(runs!, 0)).toBe('3 succeeded, 1 failed, 2 other')
  expect(dayWords(took!, 0)).toBe('unknown P50, unknown P90')
  expect(dayWords(cost!, 1)).toBe('unknown reported cost')
})

it('says how many runs a sum of cost leaves out', () => {
  expect(withoutCost(row({ runs: 3 }))).toBeNull()
  expect(withoutCost(row({ runs: 3, runs_without_cost: 1 }))).toBe('1 run reported no cost')
  expect(withoutCost(row({ runs: 3, runs_without_cost: 3 }))).toBe('no run reported a cost')
})

it('exports a table as CSV that no spreadsheet calculates', () => {
  const rows = [
    row({ key: '=HYPERLINK("x"),y', runs: 2, succeeded: 1, failed: 1, success_rate: 0.5, cost_usd: 0.25 }),
    row({ key: null }),
  ]
  const [head, first, second, end] = usageCsv('label', rows).split('\r\n')
  expect(head).toMatch(/^label,runs,succeeded,failed,success_rate,tasks_done,.*,cost_usd,runs_without_cost/)
  expect(first).toBe(`"'=HYPERLINK(""x""),y",2,1,1,0.5,0,,,,,,0.25,0,0`)
  expect(second).toBe(',0,0,0,,0,,,,,,,0,0')
  expect(end).toBe('')
})

it('keeps the shown range until another range is loaded', async () => {
  let answer = (): void => undefined
  const show = () => new Promise((resolve) => (answer = () => resolve({ by: 'day', rows: [] })))
  const client = { usage: { show: ({ by }: { by: string }) => (by === 'day' ? {} : show()) } }
  const store = new UsageStore(client as unknown as Client, { slug: 'work' } as OpenBoard)
  const first = store.show(30, 'profile')
  answer()
  await first
  const second = store.show(7, 'profile')
  expect(store.shown?.range).toBe(30)
  answer()
  await second
  expect(store.shown?.range).toBe(7)
})
