import { expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'
import { DueTimes } from './due-times.ts'

it('the next due time is the earliest that is not past', async () => {
  const { board, clock, create } = await setup()
  const times = new DueTimes({ clock: () => clock.now }, board)
  expect(times.nextDueIn()).toBe(Infinity)
  await create({ not_before_at: clock.now + 5000 })
  await create({ not_before_at: clock.now + 2000 })
  expect(times.nextDueIn()).toBe(2000)
  clock.advance(3000)
  expect(times.nextDueIn()).toBe(2000)
})

it('a retry from before the clock was set back is not due later than it was', async () => {
  const { board, clock, create, task, write } = await setup()
  const { id } = await create()
  clock.advance(86_400_000)
  write((tx) =>
    tx.run({ sql: 'UPDATE tasks SET retry_at = :at, ready_at = :now' }, { at: tx.now + 9000, now: tx.now }),
  )
  clock.advance(-86_400_000)
  const times = new DueTimes({ clock: () => clock.now }, board)

  await times.runOnce()

  expect((await task(id)).retry_at).toBeLessThanOrEqual(clock.now + 9000)
})
