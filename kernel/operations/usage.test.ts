import { expect, it } from 'vitest'
import type { OperationInput, UsageRow } from '../../contract/index.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { failOpenRun } from '../testing/factories.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { walkingTask } from '../testing/walking.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

interface Work {
  profile?: string
  labels?: string[]
  minutes: number
  usage?: Record<string, unknown>
  fails?: boolean
}

/** A task with one run, which completes it or fails. */
async function work(bundle: Setup, { profile = 'coder', labels = [], minutes, usage, fails }: Work) {
  const { create, claim, call, clock, write } = bundle
  const { id } = await create({ title: 'Work', assignee: profile, labels })
  const { run, worker } = await claim(id, profile)
  clock.advance(minutes * MINUTE)
  if (fails) failOpenRun(bundle, id, { error: 'No space left on disk' })
  else await call('task.complete', { id, summary: 'Done' }, worker)
  if (usage !== undefined) {
    write((tx) => tx.run(taskRuns.setUsage, { id: run.id, usage: JSON.stringify(usage) }))
  }
  return id
}

/** Three days, by hand. The clock of a test begins at noon on 22 November, in UTC. */
async function stage() {
  const bundle = await setup()
  const { clock, call } = bundle
  await work(bundle, {
    minutes: 10,
    labels: ['ui', 'docs'],
    usage: { input_tokens: 100, output_tokens: 10, cost_usd: 0.5 },
  })
  clock.advance(DAY)
  await work(bundle, { minutes: 20, labels: ['ui'], usage: { input_tokens: 200, cost_usd: 0.25 } })
  await work(bundle, { minutes: 5, fails: true })
  await work(bundle, { minutes: 30, profile: 'tester', usage: { cost_usd: 'free', input_tokens: 7 } })
  clock.advance(DAY)
  await work(bundle, { minutes: 40 })
  const usage = (input: OperationInput<'usage.show'> = {}) =>
    call('usage.show', { time_zone: 'UTC', days: 3, ...input })
  return { ...bundle, usage }
}

const short = ({ key, runs, succeeded, failed, cost_usd, runs_without_cost }: UsageRow) => [
  key,
  ...[runs, succeeded, failed, cost_usd, runs_without_cost],
]

it('sums up a board over some days', async () => {
  const { usage } = await stage()
  const { total, since, until, time_zone } = await usage()
  expect(total).toEqual({
    key: null,
    runs: 5,
    succeeded: 4,
    failed: 1,
    success_rate: 0.8,
    tasks_done: 4,
    // Of 10, 20, 30 and 40 minutes.
    done_ms_p50: 20 * MINUTE,
    done_ms_p90: 40 * MINUTE,
    input_tokens: 307,
    cached_input_tokens: null,
    output_tokens: 10,
    cost_usd: 0.75,
    runs_without_cost: 3,
    runs_without_tokens: 2,
  })
  expect([time_zone, new Date(since).toISOString(), new Date(until).toISOString()]).toEqual([
    'UTC',
    '2026-11-22T00:00:00.000Z',
    '2026-11-25T00:00:00.000Z',
  ])
})

it('has a row for each day, also without runs, and an unknown cost is not 0', async () => {
  const { usage } = await stage()
  expect((await usage({ days: 4 })).rows.map(short)).toEqual([
    ['2026-11-21', 0, 0, 0, null, 0],
    ['2026-11-22', 1, 1, 0, 0.5, 0],
    ['2026-11-23', 3, 2, 1, 0.25, 2],
    ['2026-11-24', 1, 1, 0, null, 1],
  ])
  expect((await usage({ days: 1 })).total).toMatchObject({ runs: 1, tasks_done: 1, cost_usd: null })
})

it('counts a crash without an exit code as failed, and one with exit code 0 as not', async () => {
  const bundle = await setup()
  for (const exit_code of [null, 0]) {
    const { id } = await bundle.create({ assignee: 'coder' })
    await bundle.claim(id, 'coder')
    failOpenRun(bundle, id, { outcome: 'crashed', error: 'Gone', exit: { exit_code, signal: null } })
  }
  const { total } = await bundle.call('usage.show', { time_zone: 'UTC' })
  expect(total).toMatchObject({ runs: 2, failed: 1 })
})

it('ignores impossible numbers, and limits sums to the largest safe integer', async () => {
  const bundle = await setup()
  const most = Number.MAX_SAFE_INTEGER
  const given = [
    { input_tokens: 1e18, output_tokens: -5, cost_usd: -1 },
    { input_tokens: most, output_tokens: 7, cost_usd: 1e300 },
    { input_tokens: most, output_tokens: 0.5, cost_usd: 2 },
  ]
  for (const usage of given) await work(bundle, { minutes: 1, usage })
  const { total } = await bundle.call('usage.show', { time_zone: 'UTC' })
  expect(total).toMatchObject({ input_tokens: most, output_tokens: 7, cost_usd: 2, runs_without_cost: 2 })
})

it('begins days in the time zone of the caller', async () => {
  const { usage } = await stage()
  const rows = async (time_zone: string) =>
    (await usage({ time_zone })).rows.map(({ key, runs, tasks_done }) => [key, runs, tasks_done])
  // In that zone it is already the next day, shortly after midnight.
  expect(await rows('Pacific/Kiritimati')).toEqual([
    ['2026-11-23', 1, 1],
    ['2026-11-24', 3, 2],
    ['2026-11-25', 1, 1],
  ])
  expect(await rows('Pacific/Pago_Pago')).toEqual([
    ['2026-11-22', 1, 1],
    ['2026-11-23', 3, 2],
    ['2026-11-24', 1, 1],
  ])
})

it('sums up by profile and by label, where a run counts for each of its labels', async () => {
  const { usage } = await stage()
  expect((await usage({ by: 'profile' })).rows.map(short)).toEqual([
    ['coder', 4, 3, 1, 0.75, 2],
    ['tester', 1, 1, 0, null, 1],
  ])
  const labels = await usage({ by: 'label' })
  expect(labels.rows.map(short)).toEqual([
    [null, 3, 2, 1, null, 3],
    ['ui', 2, 2, 0, 0.75, 0],
    ['docs', 1, 1, 0, 0.5, 0],
  ])
  expect(labels.rows.map(({ tasks_done, done_ms_p50 }) => [tasks_done, done_ms_p50])).toEqual([
    [2, 30 * MINUTE],
    [2, 10 * MINUTE],
    [1, 10 * MINUTE],
  ])
  expect(labels.total.runs).toBe(5)
})

it('sums up by workflow', async () => {
  const bundle = await setup()
  const { claim, call, clock } = bundle
  await work(bundle, { minutes: 1 })
  const id = await walkingTask(bundle)
  const { worker } = await claim(id, 'builder')
  clock.advance(3 * MINUTE)
  await call('task.complete', { id, summary: 'Built', verdict: 'done' }, worker)
  const { rows } = await call('usage.show', { by: 'workflow', time_zone: 'UTC' })
  expect(rows.map(({ key, runs, tasks_done }) => [key, runs, tasks_done])).toEqual([
    [null, 1, 1],
    ['looped', 1, 0],
  ])
})

it('counts neither results that a person recorded as runs, nor open runs', async () => {
  const { create, claim, call } = await setup()
  const { id } = await create('By hand')
  await call('task.complete', { id, summary: 'Done' })
  await claim((await create('Unfinished')).id, 'coder')
  expect((await call('usage.show', {})).total).toMatchObject({
    runs: 0,
    success_rate: null,
    tasks_done: 1,
    cost_usd: null,
    runs_without_cost: 0,
  })
})

it('refuses a time zone that does not exist', async () => {
  const { refused } = await setup()
  await refused('INVALID_INPUT', 'usage.show', { time_zone: 'Middle/Earth' })
  await refused('INVALID_INPUT', 'usage.show', { days: 0 })
})
