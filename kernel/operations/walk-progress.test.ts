import { expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'

const FILE = `runboard: 1
name: looped
title: Looped
steps:
  - {key: plan, stage: Plan, kind: approve, question: Plan?, on: {approved: build, rejected: over}}
  - {key: build, stage: Build, kind: approve, question: Build?, on: {approved: test}}
  - {key: test, stage: Build, kind: approve, question: Test?, on: {approved: over, changes: {to: build, max_rounds: 3}}}
  - {key: over, kind: end, state: succeeded}
`

it('shows the step, the number of steps and the round of the loop on the card', async () => {
  const { call, create } = await setup()
  await call('workflow.add', { file: FILE })
  const { id } = await create('On its way')
  await create('Without a workflow')
  await call('workflow.start', { id, name: 'looped' })
  const answer = (verdict: string) => call('task.approve', { id, verdict })
  const card = async () => {
    const { tasks } = await call('task.list', {})
    expect(tasks.find(({ id: other }) => other !== id)?.progress).toBeNull()
    return tasks.find((task) => task.id === id)?.progress
  }
  const at = (step: number, round: number | null = null) => ({
    ...{ at: step, of: 3, round, rounds: round === null ? null : 3, items: null, items_done: null },
  })
  expect(await card()).toEqual(at(1))
  await answer('approved')
  expect(await card()).toEqual(at(2))
  await answer('approved')
  await answer('changes')
  expect(await card()).toEqual(at(2, 1))
  await answer('approved')
  await answer('changes')
  expect(await card()).toEqual(at(2, 2))

  const listed = async (stage: string) => (await call('task.list', { stage })).tasks.map((task) => task.id)
  expect(await listed('Build')).toEqual([id])
  expect(await listed('Plan')).toEqual([])
  await answer('approved')
  await answer('approved')
  expect(await card()).toBeNull()
  expect(await listed('Build')).toEqual([])
})
