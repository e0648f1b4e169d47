import fc from 'fast-check'
import { it } from 'vitest'
import { RandomBoard, steps } from './random-board.ts'
import { cleanUpNow, setup } from './setup.ts'

it('a board under random actions matches the model, for five minutes', async () => {
  await fc.assert(
    fc.asyncProperty(steps(400), async (list) => {
      const board = new RandomBoard(await setup({ inMemory: true }))
      try {
        for (const step of list) await board.do(step)
      } finally {
        await cleanUpNow() // also after a failure, because shrinking creates thousands of boards
      }
    }),
    { numRuns: 100_000, interruptAfterTimeLimit: 5 * 60_000 },
  )
})
