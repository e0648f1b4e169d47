import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'
import * as tasks from '../tables/tasks.ts'

/** A board of ready tasks, all created in the same millisecond. */
async function ready(count: number) {
  const bundle = await setup()
  for (let n = 0; n < count; n++) await bundle.create({ title: String(n), assignee: 'coder' })
  const order = () => bundle.write((tx) => tx.all(tasks.ready, { limit: 100 })).map(({ id }) => id)
  return { ...bundle, order, ids: order() as [string, string, string, string] }
}

describe('a task that a person ranks', () => {
  it('is claimed in that place', async () => {
    const { call, order, ids } = await ready(4)
    const [a, b, c, d] = ids
    await call('task.rank', { id: d, before: a })
    expect(order()).toEqual([d, a, b, c])
    await call('task.rank', { id: a, after: b })
    expect(order()).toEqual([d, b, a, c])
    await call('task.rank', { id: c, place: 'first' })
    expect(order()).toEqual([c, d, b, a])
    await call('task.rank', { id: c, place: 'last' })
    expect(order()).toEqual([d, b, a, c])
  })

  it('is claimed after tasks of a higher priority still', async () => {
    const { call, create, order, ids } = await ready(2)
    const urgent = await create({ priority: 1, assignee: 'coder' })
    await call('task.rank', { id: ids[1], place: 'first' })
    expect(order()).toEqual([urgent.id, ids[1], ids[0]])
  })

  it('has the same place in a list sorted by priority, which continues a long column', async () => {
    const { call, ids } = await ready(3)
    await call('task.rank', { id: ids[2], place: 'first' })
    const { tasks: listed } = await call('task.list', { sort: '-priority' })
    expect(listed.map(({ id }) => id)).toEqual([ids[2], expect.anything(), expect.anything()])
  })

  it('loses its place with another priority, or on request', async () => {
    const { call, ids } = await ready(2)
    const ranked = await call('task.rank', { id: ids[1], before: ids[0] })
    expect(ranked.task.rank).not.toBeNull()
    expect((await call('task.edit', { id: ids[1], priority: 4 })).task.rank).toBeNull()
    await call('task.rank', { id: ids[0], place: 'first' })
    expect((await call('task.rank', { id: ids[0], place: 'none' })).task.rank).toBeNull()
  })

  it('loses its place when an idea is promoted, because ideas are ordered the other way round', async () => {
    const { call, create } = await ready(0)
    const [first, second] = [await create({ triage: true }), await create({ triage: true })]
    await call('task.rank', { id: first.id, before: second.id })
    await call('task.promote', { id: first.id })
    expect((await call('task.show', { id: first.id })).task.rank).toBeNull()
  })

  it('keeps its place when it leaves todo for ready', async () => {
    const { call, create, order } = await ready(0)
    const parent = await create()
    const [first, second] = [await create({ parents: [parent.id] }), await create({ parents: [parent.id] })]
    await call('task.rank', { id: second.id, before: first.id })
    await call('task.complete', { id: parent.id })
    expect(order()).toEqual([second.id, first.id])
  })

  it('is not ranked beside a task of another column or priority, or itself, and not without a place', async () => {
    const { create, refused, ids } = await ready(1)
    const [id] = ids
    const idea = await create({ triage: true })
    const urgent = await create({ priority: 1 })
    await refused('CONFLICT', 'task.rank', { id, before: idea.id })
    await refused('CONFLICT', 'task.rank', { id, after: urgent.id })
    await refused('CONFLICT', 'task.rank', { id, after: id })
    await refused('NOT_FOUND', 'task.rank', { id, after: 't_00000000' })
    await refused('INVALID_INPUT', 'task.rank', { id })
    await refused('INVALID_INPUT', 'task.rank', { id, place: 'first', before: urgent.id })
  })

  it('is where it was put after any sequence of places', async () => {
    const { call, order, ids } = await ready(6)
    let expected: string[] = [...ids]
    const step = fc.record({ moved: fc.nat(5), beside: fc.nat(5), above: fc.boolean() })
    const steps =
      fc.sample(fc.array(step, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 7 })[0] ?? []
    for (const { moved, beside, above } of steps) {
      const [id, other] = [ids[moved] ?? '', ids[beside] ?? '']
      if (id === other) continue
      await call('task.rank', { id, ...(above ? { before: other } : { after: other }) })
      expected = expected.filter((each) => each !== id)
      expected.splice(expected.indexOf(other) + (above ? 0 : 1), 0, id)
      expect(order()).toEqual(expected)
    }
  })
})

describe('labels and a due date', () => {
  it('are kept, found, edited and cleared', async () => {
    const { call, create } = await setup()
    const { id } = await create({ labels: ['ui', 'urgent', 'ui'], due_at: 5 })
    await create({ labels: ['ui'] })
    const listed = async (labels: string[]) =>
      (await call('task.list', { labels })).tasks.map((task) => task.id)
    expect(await listed(['ui', 'urgent'])).toEqual([id])
    expect(await listed(['urg'])).toEqual([])
    const { task } = await call('task.edit', { id, labels: ['docs'], due_at: null })
    expect([task.labels, task.due_at]).toEqual([['docs'], null])
  })

  it('are refused when blank or too long', async () => {
    const { refused } = await setup()
    await refused('INVALID_INPUT', 'task.create', { title: 'x', labels: [' '] })
    await refused('INVALID_INPUT', 'task.create', { title: 'x', labels: ['x'.repeat(51)] })
  })
})
