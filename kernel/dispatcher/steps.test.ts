import { expect, it } from 'vitest'
import { setupWorkers } from '../testing/workers.ts'
import { RUN_STEPS, type RunStep, START_STEPS } from './steps.ts'

/** Steps that only a run which exceeds a limit, or was left behind, passes through. */
const ELSEWHERE: readonly RunStep[] = ['stopping', 'stopped', 'rescued']

it('a run with a check passes through all steps in their order', async () => {
  const steps: RunStep[] = []
  const { create, drain, profile } = await setupWorkers({ atStep: (step) => steps.push(step) })
  await profile('plain', 'true', { completion: 'exit-code' })
  await create({ assignee: 'plain', verify_command: 'true' })

  await drain()

  expect(steps).toEqual(RUN_STEPS.filter((step) => !ELSEWHERE.includes(step)))
})

it('a run whose program does not exist has taken only the steps before its process', async () => {
  const steps: RunStep[] = []
  const { call, create, drain } = await setupWorkers({ atStep: (step) => steps.push(step) })
  await call('profile.add', { name: 'ghost', command: ['no-such-agent'] })
  await create({ assignee: 'ghost', max_retries: 1 })

  await drain()

  expect(steps).toEqual(START_STEPS.slice(0, START_STEPS.indexOf('spawned')))
})

it('a run that exceeds its runtime is stopped before it is closed', async () => {
  const steps: RunStep[] = []
  const { create, drain, gate, profile } = await setupWorkers({ atStep: (step) => steps.push(step) })
  await profile('slow', gate('never'))
  await create({ assignee: 'slow', max_runtime_seconds: 1, max_retries: 1 })

  await drain()

  expect(steps).toEqual([...START_STEPS, 'stopping', 'stopped', 'exited', 'closed'])
})
