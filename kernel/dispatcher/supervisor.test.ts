import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Board } from '../board/board.ts'
import { Services } from '../services.ts'
import { cleanUp, until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { LogWatcher } from '../workers/log/log-watcher.ts'
import { startKeyOf } from '../workers/process/identity.ts'
import { ProcessScan } from '../workers/process/process-table.ts'
import { BoardDispatcher } from './board-dispatcher.ts'
import { Supervisor } from './supervisor.ts'

/** A worker that runs until the test opens its gate, on a clock that the test moves. */
async function running(
  fields: Record<string, unknown> = {},
  line = '',
): Promise<WorkerSetup & { id: string }> {
  const bundle = await setupWorkers({ clock: 'fake' })
  const { clock, create, gate, kernel, profile, path, text } = bundle
  // Its output and its reports carry the machine's time.
  clock.now = Date.now()
  await profile('coder', `${line} echo up | tee '${path('up')}'; ${gate('go')}`, {
    completion: 'exit-code',
    ...fields,
  })
  const { id } = await create({ assignee: 'coder', max_retries: 1 })
  kernel.startDispatching()
  await until(() => text('up'))
  return { ...bundle, id }
}

const ended = ({ runs }: WorkerSetup, id: string) =>
  until(async () => (await runs(id))[0]?.outcome, 'its end')

const gone = (pids: readonly number[]) => pids.every((pid) => startKeyOf(pid) === null)

describe('a watched worker', () => {
  it('that gives no sign of life for the stale limit is stopped as stale', async () => {
    const bundle = await running()
    const { call, clock, id, kernel, person, runs, task } = bundle
    await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 60 } }, person)
    clock.advance(50_000)
    await call('dispatcher.dispatch', {})
    expect(await task(id)).toMatchObject({ status: 'running' })

    // Far more than the limit: the clock stood still while the worker started up.
    clock.advance(600_000)
    await call('dispatcher.dispatch', {})

    expect(await ended(bundle, id)).toBe('stale')
    expect((await runs(id))[0]).toMatchObject({
      error: expect.stringMatching(/^Neither output nor heartbeat for 60 s; it was stopped\./) as string,
    })
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('whose output the system did not report is not stale', async () => {
    const watchers: LogWatcher[] = []
    const starts = vi.spyOn(LogWatcher.prototype, 'start').mockImplementation(function (this: LogWatcher) {
      watchers.push(this)
    })
    const bundle = await setupWorkers({ clock: 'fake' })
    const { call, clock, create, gate, kernel, open, path, person, profile, task } = bundle
    clock.now = Date.now()
    const line = `echo first; touch '${path('one')}'; ${gate('more')}; echo second; touch '${path('two')}'; ${gate('go')}`
    await profile('coder', line, { completion: 'exit-code' })
    await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 60 } }, person)
    const { id } = await create({ assignee: 'coder', max_retries: 1 })
    kernel.startDispatching()
    await until(() => existsSync(path('one')) && watchers.length > 0)
    watchers[0]?.look()
    open('more')
    await until(() => existsSync(path('two')))

    clock.advance(600_000)
    await call('dispatcher.dispatch', {})

    expect(await task(id)).toMatchObject({ status: 'running' })
    open('go')
    expect(await ended(bundle, id)).toBe('completed')
    starts.mockRestore()
  })

  it('that sends heartbeats is not stale, and its dispatcher does not busy-loop', async () => {
    const bundle = await running()
    const { call, clock, id, kernel, open, person, task } = bundle
    await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 60 } }, person)
    for (let minute = 0; minute < 5; minute++) {
      clock.advance(50_000)
      await call('task.heartbeat', { id, note: `minute ${minute}` })
      await call('dispatcher.dispatch', {})
    }
    expect(await task(id)).toMatchObject({ status: 'running' })

    const passes = vi.spyOn(Board.prototype, 'settings')
    // A spinning dispatcher would make a pass in about each of these turns, and each pass reads the board's settings.
    for (let turn = 0; turn < 200; turn++) await delay(1)
    expect(passes.mock.calls.length).toBeLessThan(100)
    passes.mockRestore()
    open('go')
    expect(await ended(bundle, id)).toBe('completed')
  })

  it('that exceeds its runtime is timed out, with every process it started', async () => {
    const { call, clock, create, kernel, profile, runs, text, path } = await setupWorkers({ clock: 'fake' })
    await profile(
      'slow',
      `sh -c 'trap "" TERM; echo $$ >${path('child')}; sleep 300 & wait; sleep 300' & wait`,
    )
    clock.now = Date.now()
    const { id } = await create({ assignee: 'slow', max_runtime_seconds: 3600, max_retries: 1 })
    const dispatching = kernel.startDispatching()
    await until(() => text('child'))

    clock.advance(3_600_000)
    await call('dispatcher.dispatch', {})
    await until(async () => (await runs(id))[0]?.outcome)
    await dispatching.stop()

    expect(await runs(id)).toMatchObject([{ outcome: 'timed_out', max_runtime_seconds: 3600 }])
    expect(startKeyOf(Number(text('child')))).toBeNull()
  })
})

it('a worker that ended in time has not timed out, even if its timer fires before its exit arrives', async () => {
  const bundle = await setupWorkers({ clock: 'fake' })
  const { clock, create, gate, open, path, profile, runs, text } = bundle
  await profile('coder', `echo $$ >'${path('pid')}'; ${gate('go')}; echo finished`, {
    completion: 'exit-code',
  })
  clock.now = Date.now()
  const { id } = await create({ assignee: 'coder', max_runtime_seconds: 3600 })
  const services = new Services({
    home: bundle.home,
    env: { PATH: process.env['PATH'] },
    clock: () => clock.now,
  })
  cleanUp(() => services.closeAll())
  const dispatcher = new BoardDispatcher(services, services.board('test'), 'a test')
  cleanUp(() => dispatcher.stop())
  services.dispatchers.set('test', dispatcher)
  await dispatcher.take()
  await dispatcher.runOnce()
  await dispatcher.settled()
  const pid = Number(await until(() => text('pid')))

  // Imitates a machine that is so busy that both happen before we are scheduled.
  open('go')
  while (startKeyOf(pid) !== null);
  clock.advance(3_600_000)
  await dispatcher.runOnce()

  await until(async () => (await runs(id))[0]?.outcome)
  expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'finished', exit_code: 0 }])
})

it('the peak memory of a worker is recorded on its run', async () => {
  const { create, gate, kernel, open, path, profile, runs, task, text } = await setupWorkers()
  const samples = vi.spyOn(Supervisor.prototype, 'sample')
  const program = `const held = Buffer.alloc(150e6, 1); require('fs').writeFileSync('${path('up')}', 'up')`
  // Allocated by a child of the worker.
  await profile(
    'large',
    `'${process.execPath}' -e "${program}; setInterval(() => held, 1e6)" & ${gate('go')}; kill $!`,
    {
      completion: 'exit-code',
    },
  )
  const { id } = await create({ assignee: 'large' })
  const dispatching = kernel.startDispatching()
  await until(() => text('up'))
  const before = samples.mock.results.length
  await (
    await until(() => samples.mock.results[before])
  ).value
  open('go')
  await until(async () => (await task(id)).status === 'done')

  expect((await runs(id))[0]?.observed?.peak_rss_bytes).toBeGreaterThan(150e6)
  samples.mockRestore()
  await dispatching.stop()
})

it('a worker that is silent is sampled again after a sample has failed', async () => {
  const { create, gate, kernel, open, profile, reports, task } = await setupWorkers()
  const looks = vi.spyOn(ProcessScan.prototype, 'look').mockRejectedValueOnce(new Error('too many files'))
  await profile('plain', gate('go'), { completion: 'exit-code' })
  const { id } = await create({ assignee: 'plain' })
  const dispatching = kernel.startDispatching()

  await until(() => looks.mock.calls.length > 1)

  open('go')
  await until(async () => (await task(id)).status === 'done')
  expect(reports.splice(0).map(({ cause }) => String(cause))).toEqual(['Error: too many files'])
  looks.mockRestore()
  await dispatching.stop()
})

describe('a worker that has reported', () => {
  it('keeps its slot while it lives on, and is stopped after two minutes', async () => {
    const bundle = await setupWorkers({ clock: 'fake' })
    const { call, clock, create, gate, kernel, profile, runs, task, text, path } = bundle
    await profile(
      'coder',
      `runboard complete '{"summary":"Done"}'; echo $$ >'${path('pid')}'; ${gate('never')}`,
      {
        max_concurrent: 1,
      },
    )
    const first = await create({ assignee: 'coder', priority: 1 })
    const second = await create({ assignee: 'coder' })
    // The worker reports in the machine's time.
    clock.now = Date.now()
    const dispatching = kernel.startDispatching()
    await until(() => text('pid'))
    expect(await task(first.id)).toMatchObject({ status: 'done' })
    const { claimed, skipped } = await call('dispatcher.dispatch', {})
    expect({ claimed, skipped }).toMatchObject({
      claimed: [],
      skipped: [{ task_id: second.id, gate: 'profile_limit' }],
    })

    // More than the two minutes: the clock stood still while the worker took its time to report.
    clock.advance(300_000)
    await call('dispatcher.dispatch', {})

    const [run] = await until(async () => {
      const list = await runs(first.id)
      return list[0]?.signal === null ? null : list
    })
    expect(run).toMatchObject({ outcome: 'completed', signal: 'SIGTERM' })
    await until(async () => (await task(second.id)).status !== 'ready')
    await dispatching.stop()
  })

  it('is stopped at once when its task is deleted', async () => {
    const bundle = await setupWorkers()
    const { call, create, gate, kernel, profile, task, text, path } = bundle
    const line = `runboard complete '{"summary":"Done"}'; echo $$ >'${path('pid')}'; ${gate('never')}`
    await profile('coder', line)
    const { id } = await create({ assignee: 'coder' })
    const dispatching = kernel.startDispatching()
    await until(() => text('pid'))
    await until(async () => (await task(id)).status === 'done')

    await call('task.archive', { id })
    await call('task.delete', { id })

    await until(() => gone([Number(text('pid'))]))
    await dispatching.stop()
  })
})
