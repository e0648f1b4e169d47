import { describe, expect, it } from 'vitest'
import { JUMPS, watchedWorker } from '../testing/clock-jumps.ts'
import { setup } from '../testing/setup.ts'
import { SleepWatch } from './sleep-watch.ts'

describe('X21: when the clock is set, or the machine sleeps', () => {
  it.each(JUMPS)('%s: a claim without a process lasts as long as before', async (_name, ms) => {
    const { call, claim, clock, create, dispatching, open, pass, runs, task } = await watchedWorker()
    const pulled = await create('A person works on it')
    await claim(pulled.id)
    pass(300_000)
    await call('dispatcher.dispatch', {})

    clock.advance(ms)
    await call('dispatcher.dispatch', {})
    expect(await task(pulled.id)).toMatchObject({ status: 'running' })
    // Another jump, to the correct time.
    clock.advance(-ms)
    await call('dispatcher.dispatch', {})
    expect(await task(pulled.id)).toMatchObject({ status: 'running' })
    pass(901_000)
    await call('dispatcher.dispatch', {})

    expect(await runs(pulled.id)).toMatchObject([{ outcome: 'reclaimed' }])
    open('go')
    await dispatching.stop()
  })
})

describe('the watch for sleep', () => {
  async function watching() {
    const bundle = await setup()
    const time = { awake: 0 }
    const clocks = { clock: () => bundle.clock.now, awake: () => time.awake }
    const expiry = async (id: string) => (await bundle.runs(id))[0]?.claim_expires_at
    return { ...bundle, expiry, time, watch: new SleepWatch(clocks, bundle.board, () => undefined) }
  }

  it('sees a sleep of half a minute once, and no shorter one', async () => {
    const { clock, watch } = await watching()
    clock.advance(29_999)
    expect(watch.look()).toBe(false)
    clock.advance(30_000)
    expect(watch.look()).toBe(true)
    expect(watch.look()).toBe(false)
  })

  it('sees none while both clocks advance', async () => {
    const { clock, time, watch } = await watching()
    clock.advance(3_600_000)
    time.awake += 3_600_000
    expect(watch.look()).toBe(false)
  })

  it('extends a claim that was valid by the time slept, once', async () => {
    const { claim, clock, create, expiry, watch } = await watching()
    const { id } = await create()
    await claim(id)
    const before = (await expiry(id))!
    clock.advance(3_600_000)

    await watch.runOnce()
    await watch.runOnce()

    expect(await expiry(id)).toBe(before + 3_600_000)
  })

  it('does not extend a claim that had lapsed before', async () => {
    const { claim, clock, create, expiry, time, watch } = await watching()
    const { id } = await create()
    await claim(id)
    const before = (await expiry(id))!
    clock.advance(1_000_000)
    time.awake += 1_000_000
    watch.look()
    clock.advance(3_600_000)

    await watch.runOnce()

    expect(await expiry(id)).toBe(before)
  })
})
