import { describe, expect, it } from 'vitest'
import { watchedWorker, YEAR } from '../testing/clock-jumps.ts'
import { setup, until } from '../testing/setup.ts'

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

describe('X21: when the clock is set', () => {
  it.runIf(process.platform === 'linux')(
    'a year ahead: nothing says that a worker runs, or has been silent, for a year',
    async () => {
      const { call, clock, dispatching, id, open, pass, runs } = await watchedWorker()
      pass(1000)
      clock.advance(YEAR)

      expect((await call('diagnostics.list', {})).diagnostics).toEqual([])
      const { workers } = await call('worker.list', {})
      for (const { elapsed_ms } of [...workers, ...(await runs(id))]) expect(elapsed_ms).toBeLessThan(600_000)
      open('go')
      await dispatching.stop()
    },
  )

  it('back: a stop that was requested before is finished', async () => {
    const { board, call, clock, dispatching, id, runs } = await watchedWorker()
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
