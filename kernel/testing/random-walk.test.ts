import fc from 'fast-check'
import { it } from 'vitest'
import { randomDefinition } from './random-definition.ts'
import { plainActions, RandomWalk, walkActions } from './random-walk.ts'
import { cleanUpNow, setup } from './setup.ts'

it('a card on any workflow agrees with the pure engine after every action', async () => {
  await fc.assert(
    fc.asyncProperty(randomDefinition, walkActions, async (definition, actions) => {
      const walk = await RandomWalk.start(await setup({ inMemory: true }), definition)
      await walk.compare()
      for (const action of actions) await walk.do(action)
      await cleanUpNow()
    }),
    { numRuns: 40, interruptAfterTimeLimit: 40_000 },
  )
})

it('a recorded walk is what a simulation of its verdicts gives', async () => {
  await fc.assert(
    fc.asyncProperty(randomDefinition, plainActions, async (definition, actions) => {
      const walk = await RandomWalk.start(await setup({ inMemory: true }), definition)
      for (const action of actions) await walk.do(action)
      await walk.compareWithSimulation()
      await cleanUpNow()
    }),
    { numRuns: 20, interruptAfterTimeLimit: 20_000 },
  )
})
