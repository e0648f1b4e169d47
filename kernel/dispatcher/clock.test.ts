import { describe, expect, it } from 'vitest'
import type { RunRow } from '../tables/task-runs.ts'
import { startProgram } from '../testing/processes.ts'
import { setup, until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'
import { hostIdentity, startKeyOf } from '../workers/process/identity.ts'
import { UNWATCHED } from './observed.ts'
import { Watched } from './watched.ts'

const YEAR = 365 * 86_400_000
const NIGHT = 8 * 3_600_000

it('X21: a task delayed by a clock that was ahead waits only its own time once the clock is set back', async () => {
  const { call, claim, clock, create, show, task, write } = await setup()
  await call('profile.add', { name: 'coder', shell: 'true', max_concurrent: 1 })
  const failed = await create({ assignee: 'coder' })
  const pulled = await create({ assignee: 'coder', held: true })
  const later = await create({ assignee: 'coder', not_before_at: clock.now + 2 * YEAR })
  clock.advance(YEAR)
  write((tx) => {
    const { now } = tx
    tx.run(
      { sql: `UPDATE tasks SET retry_at = ${now + 10_000}, ready_at = ${now} WHERE id = '${failed.id}'` },
      {},
    )
  })
  await call('task.release', { id: pulled.id })
  await claim(pulled.id)
  clock.advance(-YEAR)
  expect((await show(failed.id)).why?.sentence).toContain('365 d')

  await call('dispatcher.dispatch', { max: 1 })

  expect(await task(failed.id)).toMatchObject({ retry_at: clock.now + 10_000, ready_at: clock.now })
  expect((await show(failed.id)).why?.sentence).toContain('10 s')
  expect((await call('task.runs', { id: pulled.id })).runs[0]?.claim_expires_at).toBe(clock.now + 900_000)
  expect((await task(later.id)).not_before_at).toBe(clock.now + 2 * YEAR)
})

describe('X21: when the clock is set, or the machine sleeps', () => {
  const JUMPS: [string, number][] = [
    ['a year ahead', YEAR],
    ['a year back', -YEAR],
    ['a night of sleep', NIGHT],
  ]

  /** A running worker, watched by a dispatcher on two clocks that the test moves. */
  async function working() {
    let awake = 0
    const bundle = await setupWorkers({ clock: 'fake', awake: () => awake })
    const { clock, create, gate, kernel, path, person, profile, text } = bundle
    clock.now = Date.now()
    await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 1800 } }, person)
    await profile('coder', `echo up >'${path('up')}'; ${gate('go')}`, {
      completion: 'exit-code',
      max_runtime_seconds: 3600,
    })
    const { id } = await create({ assignee: 'coder', max_retries: 1 })
    const dispatching = kernel.startDispatching()
    await until(() => text('up'))
    await bundle.call('dispatcher.dispatch', {})
    const pass = (ms: number) => {
      clock.advance(ms)
      awake += ms
    }
    return { ...bundle, id, dispatching, pass }
  }

  it.each(JUMPS)('%s: a worker that is watched has as long as before', async (_name, ms) => {
    const { call, clock, dispatching, id, pass, runs, task } = await working()
    pass(1000)
    clock.advance(ms)
    await call('dispatcher.dispatch', {})
    expect(await task(id)).toMatchObject({ status: 'running' })

    pass(1_900_000)
    await call('dispatcher.dispatch', {})
    await until(async () => (await runs(id))[0]?.outcome, 'its end')

    expect(await runs(id)).toMatchObject([{ outcome: 'stale' }])
    await dispatching.stop()
  })

  it.each(JUMPS)('%s: a claim without a process lasts as long as before', async (_name, ms) => {
    const { call, claim, clock, create, dispatching, open, pass, runs, task } = await working()
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

  it.runIf(process.platform === 'linux')(
    'a year ahead: nothing says that a worker runs, or has been silent, for a year',
    async () => {
      const { call, clock, dispatching, id, open, pass, runs } = await working()
      pass(1000)
      clock.advance(YEAR)

      expect((await call('diagnostics.list', {})).diagnostics).toEqual([])
      const { workers } = await call('worker.list', {})
      for (const { elapsed_ms } of [...workers, ...(await runs(id))]) expect(elapsed_ms).toBeLessThan(600_000)
      open('go')
      await dispatching.stop()
    },
  )

  describe.runIf(process.platform === 'linux')('a worker that is taken over', () => {
    /** A run of a real process, as its dispatcher recorded it. */
    function runOf(more: Partial<RunRow>): RunRow {
      const { child } = startProgram('idle.ts', [])
      const pid = child.pid!
      const now = Date.now()
      return {
        id: 1,
        host: hostIdentity(),
        worker_pid: pid,
        worker_started_key: startKeyOf(pid),
        keeper_pid: null,
        started_at: now,
        spawned_at: now,
        max_runtime_seconds: 3600,
        last_heartbeat_at: null,
        ended_at: null,
        stop_requested_at: null,
        ...more,
      } as RunRow
    }

    const SHIFTS: [string, number][] = [['not at all', 0], ...JUMPS.slice(0, 2)]

    it.each(SHIFTS)(
      'after the clock was set (%s) has the time that its process has not used',
      (_name, ms) => {
        const clocks = { clock: () => Date.now() + ms, awake: () => 5_000_000 }
        const run = runOf({})
        const left = new Watched(run, 'coder', clocks, UNWATCHED).dueIn(7200)
        expect(left).toBeGreaterThan(3_500_000)
        expect(left).toBeLessThanOrEqual(3_600_000)
      },
    )

    it.each(SHIFTS)('after the clock was set (%s) is not stale by its last heartbeat', (_name, ms) => {
      const clocks = { clock: () => Date.now() + ms, awake: () => 5_000_000 }
      const run = runOf({ last_heartbeat_at: Date.now() })
      const watched = new Watched(run, 'coder', clocks, UNWATCHED)
      expect(watched.overstays(run, 1800)).toBeNull()
    })

    it.each(SHIFTS)('after the clock was set (%s) has its two minutes after its report', (_name, ms) => {
      const clocks = { clock: () => Date.now() + ms, awake: () => 5_000_000 }
      const run = runOf({ ended_at: Date.now() })
      expect(new Watched(run, 'coder', clocks, UNWATCHED).overstays(run, 1800)).toBeNull()
    })
  })

  it('back: a stop that was requested before is finished', async () => {
    const { board, call, clock, dispatching, id, runs } = await working()
    const [run] = await runs(id)
    await dispatching.stop()
    board.connection.writeNow('ada', (tx) =>
      tx.run(
        {
          sql: `UPDATE task_runs SET stop_requested_at = ${clock.now}, stop_outcome = 'stopped', stop_actor = 'ada' WHERE id = :id`,
        },
        { id: run!.id },
      ),
    )
    clock.advance(-YEAR)

    await call('dispatcher.dispatch', {})

    await until(async () => (await runs(id))[0]?.outcome, 'its end')
    expect(await runs(id)).toMatchObject([{ outcome: 'stopped' }])
  })

  it('back: heartbeats are recorded again', async () => {
    const { call, claim, clock, create, kinds } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    clock.advance(YEAR)
    await call('task.heartbeat', { id }, worker)
    clock.advance(-YEAR)
    await call('task.heartbeat', { id }, worker)
    expect(await kinds(id)).toEqual(['created', 'claimed', 'heartbeat', 'heartbeat'])
  })
})
