import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Board } from '../board/board.ts'
import { Supervisor } from './supervisor.ts'
import { Services } from '../services.ts'
import { cleanUp, until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { startKeyOf } from '../workers/process/identity.ts'
import { BoardDispatcher } from './board-dispatcher.ts'

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

/** Changes the app's settings as a person would with an editor. */
function changeSettings({ home }: WorkerSetup, settings: Record<string, unknown>): void {
  const path = `${home}/config.json`
  const before = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  writeFileSync(path, JSON.stringify({ ...before, settings }))
}

const ended = ({ runs }: WorkerSetup, id: string) =>
  until(async () => (await runs(id))[0]?.outcome, 'its end')

describe('a worker', () => {
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

  it('takes its runtime limit from its task before its profile', async () => {
    const bundle = await setupWorkers()
    const { call, create, profile, runs } = bundle
    await profile('coder', 'true', { completion: 'exit-code', max_runtime_seconds: 7 })
    const own = await create({ assignee: 'coder', max_runtime_seconds: 9 })
    const profiles = await create({ assignee: 'coder' })

    await call('dispatcher.dispatch', { wait: true })

    expect((await runs(own.id))[0]?.max_runtime_seconds).toBe(9)
    expect((await runs(profiles.id))[0]?.max_runtime_seconds).toBe(7)
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

describe('memory', () => {
  it('that is short keeps tasks waiting, with a reason, until there is enough', async () => {
    const bundle = await setupWorkers()
    const { call, create, kernel, profile, task } = bundle
    const floor = (mb: number) => changeSettings(bundle, { min_free_memory_mb: mb })
    await profile('coder', 'true', { completion: 'exit-code' })
    floor(1e6)
    const { id } = await create({ assignee: 'coder' })

    const { claimed, skipped } = await call('dispatcher.dispatch', {})

    expect(claimed).toEqual([])
    expect(skipped).toMatchObject([{ task_id: id, gate: 'low_memory' }])
    expect(skipped[0]?.sentence).toMatch(
      /^Only \d+ MB of memory are free; below 1000000 MB nothing is started\.$/,
    )
    const dispatching = kernel.startDispatching()
    expect(await task(id)).toMatchObject({ status: 'ready' })
    floor(1)
    await until(async () => (await task(id)).status === 'done')
    await dispatching.stop()
  })

  it('used by a worker at its peak is recorded on its run', async () => {
    const { create, gate, kernel, open, path, profile, runs, task, text } = await setupWorkers()
    const samples = vi.spyOn(Supervisor.prototype, 'sampleMemory')
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
})

describe('a rate limit', () => {
  it('parks the task and its profile until the time that the tool named, then resumes them', async () => {
    const { create, events, kernel, profile, runs, task } = await setupWorkers()
    const line = `[ "$RUNBOARD_ATTEMPT" = 1 ] && { echo "usage limit reached, try again in 1.5 seconds"; exit 1; }; echo finished`
    // A reset time is honoured only if it is later than the profile's backoff.
    await profile('coder', line, {
      completion: 'exit-code',
      rate_limit_pattern: 'usage limit',
      backoff_seconds: 1,
    })
    const { id } = await create({ assignee: 'coder' })
    const dispatching = kernel.startDispatching()

    await until(async () => (await task(id)).status === 'done', 'the next attempt')

    const [limited, next] = await runs(id)
    expect(limited).toMatchObject({ outcome: 'rate_limited', exit_code: 1 })
    const all = await events()
    const until_at = all.find(({ kind }) => kind === 'rate_limited')?.payload?.['until'] as number
    // It counts from when the output was read, before the run is closed.
    expect(until_at).toBeLessThanOrEqual(limited!.ended_at! + 1500)
    expect(until_at).toBeGreaterThan(limited!.ended_at! + 500)
    expect(next).toMatchObject({ outcome: 'completed', summary: 'finished' })
    expect(next!.started_at).toBeGreaterThanOrEqual(until_at)
    expect(all.filter(({ kind }) => /^(rate_limited|profile_)/.test(kind))).toMatchObject([
      { kind: 'rate_limited', payload: { until: until_at } },
      { kind: 'profile_held', payload: { until: until_at } },
      { kind: 'profile_released' },
    ])
    await dispatching.stop()
  })
})

it('a profile that is added later starts the tasks that wait for it, without a call to the dispatcher', async () => {
  const { create, kernel, profile, task } = await setupWorkers()
  const { id } = await create({ assignee: 'late' })
  const dispatching = kernel.startDispatching()
  await until(async () => (await task(id)).status === 'ready')

  await profile('late', 'true', { completion: 'exit-code' })

  await until(async () => (await task(id)).status === 'done')
  await dispatching.stop()
})
