import { expect, it } from 'vitest'
import { killWriters, letWritersRace } from '../testing/storms.ts'
import { setup } from '../testing/setup.ts'

it('four processes that write at once lose nothing, claim nothing twice, and never get BUSY', async () => {
  const bundle = await setup({ clock: 'real' })

  const told = await letWritersRace(bundle, 4, 60)

  expect(Math.min(...told.map((one) => one.completed.length))).toBeGreaterThan(0)
})

it('a process killed while it writes leaves a healthy board with every write it acknowledged', async () => {
  const bundle = await setup({ clock: 'real' })

  await killWriters(bundle, 20)
})
