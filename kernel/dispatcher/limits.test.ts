import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Board } from '../board.ts'
import { until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'

/** A worker that runs until the test opens its gate, under a clock that the test moves. */
async function running(
  fields: Record<string, unknown> = {},
  line = '',
): Promise<WorkerSetup & { id: string }> {
  const bundle = await setupWorkers({ clock: 'fake' })
  const { clock, create, gate, kernel, profile, path, text } = bundle
  // Its output, and what it says, carry the time of the machine.
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

describe('a worker', () => {
  it('that gives no sign for the stale limit is stopped as stale', async () => {
    const bundle = await running()
    const { call, clock, id, kernel, person, runs, task } = bundle
    await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 60 } }, person)
    clock.advance(50_000)
    await call('dispatcher.dispatch', {})
    expect(await task(id)).toMatchObject({ status: 'running' })

    clock.advance(60_000)
    await call('dispatcher.dispatch', {})

    expect(await ended(bundle, id)).toBe('stale')
    expect((await runs(id))[0]).toMatchObject({
      error: 'Neither output nor heartbeat for 60 s; it was stopped.',
    })
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('that says how it goes is not stale, and its dispatcher does not look at it all the time', async () => {
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
    await delay(300)
    // A dispatcher that spins makes hundreds of passes in this time, and each reads the settings of the board.
    expect(passes.mock.calls.length).toBeLessThan(20)
    passes.mockRestore()
    open('go')
    expect(await ended(bundle, id)).toBe('completed')
  })

  it('is timed by its task before its profile', async () => {
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
