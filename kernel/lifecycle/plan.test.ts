import { describe, expect, it } from 'vitest'
import { type Setup, setup } from '../testing/setup.ts'

/** An idea whose planner proposes these parts and, by default, has ended. */
async function planned(parts: readonly string[], values: object = {}, ends = true) {
  const bundle: Setup = await setup()
  const { call, claim, create } = bundle
  await call('profile.add', { name: 'planner', shell: 'true', capabilities: ['worker', 'planner'] })
  const idea = (await create({ title: 'Idea', triage: true, ...values })).id
  const { planner } = await call('task.plan', { id: idea, profile: 'planner' })
  const { worker } = await claim(planner.id)
  const ids: string[] = []
  for (const title of parts) ids.push((await call('task.create', { title }, worker)).task.id)
  if (ends) await call('task.complete', { id: planner.id, summary: 'Cut by file' }, worker)
  return { ...bundle, idea, ids, planner: planner.id, worker }
}

describe('S3: an idea whose plan is accepted', () => {
  it('is done when the last of its parts is, and tasks that waited for it become ready', async () => {
    const { call, create, idea, ids, kinds, task } = await planned(['One', 'Two'])
    const next = (await create({ title: 'Next', parents: [idea] })).id
    await call('task.accept_plan', { id: idea })
    await call('task.complete', { id: ids[0]!, summary: 'x' })
    expect((await task(idea)).status).toBe('todo')
    await call('task.complete', { id: ids[1]!, summary: 'x' })

    expect(await task(idea)).toMatchObject({ status: 'done', result: 'All 2 planned tasks are done.' })
    expect((await kinds(idea)).slice(-2)).toEqual(['promoted', 'completed'])
    expect((await task(next)).status).toBe('ready')
  })

  it.each([
    ['with an assignee, which brings the parts together', { assignee: 'planner' }],
    ['while it is held', { held: true }],
  ])('is ready %s', async (_when, values) => {
    const { call, idea, ids, task } = await planned(['One'], values)
    await call('task.accept_plan', { id: idea })
    await call('task.complete', { id: ids[0]!, summary: 'x' })
    expect((await task(idea)).status).toBe('ready')
  })

  it('is left for a person to decide when its parts were archived', async () => {
    const { call, idea, ids, task } = await planned(['One'])
    await call('task.accept_plan', { id: idea })
    await call('task.archive', { id: ids[0]! })
    expect((await task(idea)).status).toBe('ready')
  })

  it('waits for a planner that may still add parts', async () => {
    const { call, idea, ids, planner, task, worker } = await planned(['One'], {}, false)
    await call('task.accept_plan', { id: idea })
    await call('task.complete', { id: ids[0]!, summary: 'x' })
    expect((await task(idea)).status).toBe('todo')
    await call('task.complete', { id: planner, summary: 'That is all' }, worker)
    expect((await task(idea)).status).toBe('done')
  })

  it('leaves triage by itself if the board accepts plans', async () => {
    const bundle = await setup()
    const { call, claim, create, task } = bundle
    await call('profile.add', { name: 'planner', shell: 'true', capabilities: ['worker', 'planner'] })
    const { board } = await call('board.show', {})
    await call('board.set', { slug: board.slug, settings: { accept_plans: true } })
    const idea = (await create({ title: 'Idea', triage: true })).id
    const { planner } = await call('task.plan', { id: idea, profile: 'planner' })
    const { worker } = await claim(planner.id)
    const part = (await call('task.create', { title: 'One' }, worker)).task.id
    expect((await task(idea)).status).toBe('todo')
    await call('task.complete', { id: part, summary: 'x' })
    await call('task.complete', { id: planner.id, summary: 'That is all' }, worker)
    expect((await task(idea)).status).toBe('done')
  })

  it('a task without a plan still becomes ready when its parents are done', async () => {
    const { call, create, task } = await setup()
    const parent = (await create('Parent')).id
    const child = (await create({ title: 'Child', parents: [parent] })).id
    await call('task.complete', { id: parent, summary: 'x' })
    expect((await task(child)).status).toBe('ready')
  })
})
