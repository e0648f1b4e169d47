import fc from 'fast-check'
import { it } from 'vitest'
import { randomDefinition } from './random-definition.ts'
import { plainActions, RandomWalk, type WalkAction, walkActions } from './random-walk.ts'
import { cleanUpNow, setup } from './setup.ts'

/** Walks on random definitions, each on a board of its own. */
async function walkAll(
  given: fc.Arbitrary<WalkAction[]>,
  options: { numRuns: number; interruptAfterTimeLimit?: number },
  after: (walk: RandomWalk) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(randomDefinition, given, async (definition, actions) => {
      try {
        const walk = await RandomWalk.start(await setup({ inMemory: true }), definition)
        for (const action of actions) await walk.do(action)
        await after(walk)
      } finally {
        await cleanUpNow() // also after a failure, because shrinking makes thousands of boards
      }
    }),
    options,
  )
}

it('cards on any workflow agree with the pure engine after every action, for five minutes', async () => {
  const options = { numRuns: 100_000, interruptAfterTimeLimit: 5 * 60_000 }
  await walkAll(walkActions, options, (walk) => walk.compare())
})

it('a thousand recorded walks are what a simulation of their verdicts gives', async () => {
  await walkAll(plainActions, { numRuns: 1_000 }, (walk) => walk.compareWithSimulation())
})
