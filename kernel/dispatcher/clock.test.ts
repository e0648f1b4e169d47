import { expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'

const YEAR = 365 * 86_400_000

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
