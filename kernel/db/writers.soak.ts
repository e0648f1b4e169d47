import { it } from 'vitest'
import { killWriters, letWritersRace } from '../testing/storms.ts'
import { setup } from '../testing/setup.ts'

it('four processes write two thousand tasks each', async () => {
  await letWritersRace(await setup({ clock: 'real' }), 4, 2_000)
})

it('a writing process is killed two hundred times', async () => {
  await killWriters(await setup({ clock: 'real' }), 200)
})
