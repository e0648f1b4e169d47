import { expect, it } from 'vitest'
import { startProgram } from './testing/processes.ts'
import { setup } from './testing/setup.ts'

it('a stream that is left in the middle keeps nothing running', async () => {
  const { create, home } = await setup()
  await create('One to tell of')

  expect(await startProgram('watch-and-leave.ts', [home]).ended).toEqual({
    code: 0,
    signal: null,
    output: '',
  })
})
