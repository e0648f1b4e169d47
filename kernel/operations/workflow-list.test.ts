import { expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'
import { walkingTask } from '../testing/walking.ts'

it('lists the time and the rounds of the walks that have ended', async () => {
  const bundle = await setup()
  const { call, claim, clock, task } = bundle
  const listed = async () => {
    const { workflows } = await call('workflow.list', {})
    return workflows.find(({ name }) => name === 'looped')
  }
  const report = async (id: string, verdict: string, summary: string) => {
    const { worker } = await claim(id, (await task(id)).assignee ?? undefined)
    await call('task.complete', { id, verdict, summary }, worker)
  }
  const walk = async (rounds: number, minutes: number) => {
    const id = await walkingTask(bundle)
    for (let round = 0; round < rounds; round++) {
      await report(id, 'done', `Built ${'again '.repeat(round)}`)
      await report(id, 'bad', `Not ${'yet '.repeat(round)}`)
    }
    await report(id, 'done', 'Built at last')
    await report(id, 'good', 'Good')
    clock.advance(minutes * 60_000)
    await call('task.approve', { id })
  }
  await walkingTask(bundle)
  expect(await listed()).toMatchObject({ running: 1, ended: 0, took: null })
  await walk(2, 10)
  await walk(1, 30)
  await walk(0, 20)
  const { took } = await call('workflow.show', { name: 'looped' })
  expect(took).toEqual({ walks: 3, p50_ms: 20 * 60_000, p90_ms: 30 * 60_000, rounds: 3 })
  expect(await listed()).toMatchObject({ running: 1, ended: 3, succeeded: 3, took })
})

it('lists what the workflow of an item runs with the step that names it', async () => {
  const { call } = await setup()
  const { commands } = await call('workflow.show', { name: 'plan-and-build' })
  const ofItems = commands.filter(({ step }) => step.includes('›'))
  expect(ofItems.map(({ kind, step }) => `${step} ${kind}`)).toContain('build › test check')
  expect(commands.indexOf(ofItems[0] as (typeof commands)[number])).toBe(
    commands.findIndex(({ step }) => step === 'build') + 1,
  )
})
