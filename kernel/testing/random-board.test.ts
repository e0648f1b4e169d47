import fc from 'fast-check'
import { it } from 'vitest'
import { RandomBoard, steps } from './random-board.ts'
import { cleanUpNow, setup } from './setup.ts'

it('a board under random actions matches the model, after every step', async () => {
  await fc.assert(
    fc.asyncProperty(steps(60), async (list) => {
      const board = new RandomBoard(await setup({ inMemory: true }))
      for (const step of list) await board.do(step)
      await cleanUpNow()
    }),
    { numRuns: 40, interruptAfterTimeLimit: 10_000 },
  )
})
