import { describe, expect, it } from 'vitest'
import type { RunRow } from '../tables/task-runs.ts'
import { JUMPS, watchedWorker } from '../testing/clock-jumps.ts'
import { startProgram } from '../testing/processes.ts'
import { until } from '../testing/setup.ts'
import { hostIdentity, startKeyOf } from '../workers/process/identity.ts'
import { UNWATCHED } from './observed.ts'
import { LINGER_LIMIT_MS, STOP_GRACE_MS, Watched } from './watched.ts'

describe('X21: when the clock is set, or the machine sleeps', () => {
  it.each(JUMPS)('%s: a worker that is watched has as long as before', async (_name, ms) => {
    const { call, clock, dispatching, id, pass, runs, task } = await watchedWorker()
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

    it('is never stale as a check of a workflow, which has its own time limit', () => {
      let now = 5_000_000
      const clocks = { clock: () => Date.now(), awake: () => now }
      const check = new Watched(runOf({}), 'runboard:check', clocks, UNWATCHED)
      expect(check.dueIn(60)).toBeGreaterThan(3_500_000)
      now += 3_000_000
      expect(check.overstays(runOf({}), 60)).toBeNull()
      now += 700_000
      expect(check.overstays(runOf({}), 60)).toMatchObject({ outcome: 'timed_out' })
    })

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
})

describe('a watched process', () => {
  const HOUR = 3_600_000

  /** A watched run on clocks that the test moves; its process is on another host. */
  function watch(more: Partial<RunRow> = {}) {
    const time = { wall: Date.UTC(2026, 10, 22, 12), awake: 0 }
    const clocks = { clock: () => time.wall, awake: () => time.awake }
    const run = {
      id: 1,
      host: 'elsewhere@far',
      worker_pid: 1,
      worker_started_key: 'boot:1',
      keeper_pid: null,
      started_at: time.wall,
      spawned_at: time.wall,
      max_runtime_seconds: 7200,
      last_heartbeat_at: null,
      ended_at: null,
      stop_requested_at: null,
      ...more,
    } as RunRow
    const watched = new Watched(run, 'coder', clocks, UNWATCHED)
    const pass = (ms: number) => {
      time.wall += ms
      time.awake += ms
    }
    return { run, watched, pass, time }
  }

  it('is stale after silence for the limit, and not a millisecond before', () => {
    const { pass, run, watched } = watch()
    pass(HOUR - 1)
    expect([watched.overstays(run, 3600), watched.dueIn(3600)]).toEqual([null, 1])
    pass(1)
    expect(watched.overstays(run, 3600)).toMatchObject({ outcome: 'stale' })
  })

  it('shows a sign of life by output and by a heartbeat', () => {
    const { pass, run, time, watched } = watch()
    pass(HOUR - 1)
    watched.noteOutput(null)
    pass(HOUR - 1)
    expect(watched.overstays({ ...run, last_heartbeat_at: time.wall }, 3600)).toBeNull()
    expect(watched.dueIn(3600)).toBe(2)
  })

  it('times out at its runtime, whatever signs of life it shows', () => {
    const { pass, run, watched } = watch()
    pass(2 * HOUR)
    watched.noteOutput(null)
    expect(watched.overstays(run, 3600)).toMatchObject({ outcome: 'timed_out' })
    expect(watched.dueIn(3600)).toBe(0)
  })

  it('lingers once it has had its time after its report', () => {
    const { pass, run, time, watched } = watch()
    const reported = { ...run, ended_at: time.wall }
    expect(watched.overstays(reported, 3600)).toBeNull()
    pass(LINGER_LIMIT_MS - 1)
    expect([watched.overstays(reported, 3600), watched.dueIn(3600)]).toEqual([null, 1])
    pass(1)
    expect(watched.overstays(reported, 3600)).toBe('lingers')
  })

  it('is left by the requester of its stop after the grace period, even if its run is over', () => {
    const { pass, run, time, watched } = watch()
    const requested = { ...run, ended_at: time.wall, stop_requested_at: time.wall }
    expect(watched.overstays(requested, 3600)).toBeNull()
    pass(STOP_GRACE_MS)
    expect(watched.overstays(requested, 3600)).toBe('left_stop')
  })

  it('lingers at once when its run is deleted', () => {
    expect(watch().watched.overstays(undefined, 3600)).toBe('lingers')
  })
})
