import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

describe('promotion', () => {
  it('makes a child ready when its last open parent is done, and names that parent', async () => {
    const { call, clock, create, events, task } = await setup()
    const one = await create('One')
    const two = await create('Two')
    const child = await create({ parents: [one.id, two.id] })
    await call('task.complete', { id: one.id })
    expect(await task(child.id)).toMatchObject({ status: 'todo' })
    clock.advance(10)

    await call('task.complete', { id: two.id })

    expect(await task(child.id)).toMatchObject({ status: 'ready', ready_at: clock.now })
    expect((await events(child.id)).at(-1)).toMatchObject({
      kind: 'promoted',
      run_id: null,
      payload: { parent: two.id },
    })
  })

  it.each(['complete', 'archive', 'approve', 'unlink'] as const)('follows %s', async (how) => {
    const bundle = await setup()
    const { call, create, task } = bundle
    const parent = await taskIn(bundle, how === 'approve' ? 'review' : 'ready')
    const child = await create({ parents: [parent.id] })

    if (how === 'unlink') await call('link.remove', { parent_id: parent.id, child_id: child.id })
    else await call(`task.${how}`, { id: parent.id })

    expect(await task(child.id)).toMatchObject({ status: 'ready' })
  })

  it('reaches only the children of the changed task', async () => {
    const { call, create, task } = await setup()
    const parent = await create('Parent')
    const child = await create({ parents: [parent.id] })
    const grandchild = await create({ parents: [child.id] })

    await call('task.complete', { id: parent.id })

    expect(await task(child.id)).toMatchObject({ status: 'ready' })
    expect(await task(grandchild.id)).toMatchObject({ status: 'todo' })
  })
})

describe('an archived parent is satisfied, like a done one', () => {
  it('when a child is created below it, linked, promoted, unblocked, reopened or restored', async () => {
    const bundle = await setup()
    const { call, create, task } = bundle
    const parent = await taskIn(bundle, 'archived')
    const below = { parents: [parent.id] }
    const created = await create(below)
    expect(created.status).toBe('ready')
    const idea = await create({ ...below, triage: true })
    await call('task.promote', { id: idea.id })
    const blocked = await create(below)
    await call('task.block', { id: blocked.id, reason: 'Which one?' })
    await call('task.unblock', { id: blocked.id })
    const done = await create(below)
    await call('task.complete', { id: done.id })
    await call('task.reopen', { id: done.id })
    const away = await create(below)
    await call('task.archive', { id: away.id })
    await call('task.restore', { id: away.id })
    const linked = await create()
    await call('link.add', { parent_id: parent.id, child_id: linked.id })

    for (const { id } of [created, idea, blocked, done, away, linked]) {
      expect(await task(id)).toMatchObject({ status: 'ready' })
      await call('task.claim', { id })
    }
  })

  it('is open again once restored: ready children wait for it, unless it was done', async () => {
    const bundle = await setup()
    const { call, create, task } = bundle
    const open = await taskIn(bundle, 'archived')
    const done = await taskIn(bundle, 'done')
    await call('task.archive', { id: done.id })
    const childOfOpen = await create({ parents: [open.id] })
    const childOfDone = await create({ parents: [done.id] })

    await call('task.restore', { id: open.id })
    await call('task.restore', { id: done.id })

    expect(await task(childOfOpen.id)).toMatchObject({ status: 'todo' })
    expect(await task(childOfDone.id)).toMatchObject({ status: 'ready' })
  })

  it('leaves its children unchanged when it is deleted', async () => {
    const bundle = await setup()
    const { call, create, show, task, events } = bundle
    const parent = await taskIn(bundle, 'archived')
    const other = await create('Open')
    const free = await create({ parents: [parent.id] })
    const waiting = await create({ parents: [parent.id, other.id] })

    await call('task.delete', { id: parent.id })

    expect(await task(free.id)).toMatchObject({ status: 'ready' })
    expect(await task(waiting.id)).toMatchObject({ status: 'todo' })
    expect((await show(waiting.id)).links.parents).toEqual([other.id])
    expect((await events()).at(-1)).toMatchObject({
      kind: 'task_deleted',
      task_id: null,
      payload: { id: parent.id, children: expect.arrayContaining([free.id, waiting.id]) as unknown },
    })
  })
})

describe('link', () => {
  it.each(['triage', 'ready', 'running', 'review', 'blocked'] as const)(
    'to a %s parent sends a ready child back to todo',
    async (status) => {
      const bundle = await setup()
      const parent = await taskIn(bundle, status)
      const child = await bundle.create('Child')

      const answer = await bundle.call('link.add', { parent_id: parent.id, child_id: child.id })

      expect(answer).toMatchObject({ changed: true, child: { status: 'todo', ready_at: null } })
      expect(await bundle.kinds(child.id)).toEqual(['created', 'linked', 'demoted'])
    },
  )

  it('leaves a running child running', async () => {
    const bundle = await setup()
    const child = await taskIn(bundle, 'running')
    const parent = await bundle.create('Parent')

    await bundle.call('link.add', { parent_id: parent.id, child_id: child.id })

    expect(await bundle.task(child.id)).toMatchObject({ status: 'running' })
    const [card] = (await bundle.call('task.list', { status: ['running'] })).tasks
    expect(card).toMatchObject({ id: child.id, open_parents: [parent.id] })
  })

  it('exists once, however often it is added', async () => {
    const { call, create, kinds, show } = await setup()
    const parent = await create('Parent')
    const child = await create({ parents: [parent.id, parent.id] })

    const again = await call('link.add', { parent_id: parent.id, child_id: child.id })

    expect(again.changed).toBe(false)
    expect((await show(child.id)).links.parents).toEqual([parent.id])
    expect((await kinds(child.id)).filter((kind) => kind === 'linked')).toHaveLength(1)
  })

  it('to or from a missing task is refused', async () => {
    const { create, refused } = await setup()
    const { id } = await create()

    await refused('NOT_FOUND', 'link.add', { parent_id: 't_00000000', child_id: id })
    await refused('NOT_FOUND', 'link.add', { parent_id: id, child_id: 't_00000000' })
    await refused('NOT_FOUND', 'link.remove', { parent_id: id, child_id: 't_00000000' })
    const missing = await refused('NOT_FOUND', 'task.create', {
      title: 'x',
      parents: ['t_00000001', id],
      children: ['t_00000002'],
    })
    expect(missing.data).toEqual({ missing: ['t_00000001', 't_00000002'] })
  })

  it('to itself, to a child and to a grandchild is a cycle', async () => {
    const { create, refused } = await setup()
    const a = await create('A')
    const b = await create({ title: 'B', parents: [a.id] })
    const c = await create({ title: 'C', parents: [b.id] })

    await refused('CYCLE', 'link.add', { parent_id: a.id, child_id: a.id })
    await refused('CYCLE', 'link.add', { parent_id: b.id, child_id: a.id })
    await refused('CYCLE', 'link.add', { parent_id: c.id, child_id: a.id })
    await refused('CYCLE', 'task.create', { title: 'Between', parents: [c.id], children: [a.id] })
    await refused('CYCLE', 'task.create', { title: 'Both', parents: [a.id], children: [a.id] })
  })

  it('never forms a cycle, whatever is linked', async () => {
    const { call, create, invariants } = await setup()
    const ids: string[] = []
    for (let n = 0; n < 6; n++) ids.push((await create(`Task ${n}`)).id)
    const end = fc.nat({ max: ids.length - 1 })

    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(end, end), { maxLength: 15 }), async (links) => {
        for (const [parent, child] of links) {
          await call('link.add', { parent_id: ids[parent]!, child_id: ids[child]! }).catch(
            (error: { code: string }) => {
              expect(error.code).toBe('CYCLE')
            },
          )
        }
        invariants()
        const { tasks } = await call('task.list', {})
        for (const card of tasks) {
          for (const parent of card.parents) {
            await call('link.remove', { parent_id: parent, child_id: card.id })
          }
        }
      }),
      { numRuns: 15 },
    )
  })
})

describe('a task created with parents and children', () => {
  it('waits for its parents, and its children wait for it', async () => {
    const { call, create, task } = await setup()
    const before = await create('Before')
    const after = await create('After')

    const between = await create({ title: 'Between', parents: [before.id], children: [after.id] })

    expect(between.status).toBe('todo')
    expect(await task(after.id)).toMatchObject({ status: 'todo' })
    await call('task.complete', { id: before.id })
    await call('task.complete', { id: between.id })
    expect(await task(after.id)).toMatchObject({ status: 'ready' })
  })

  it('in triage holds its children too', async () => {
    const { create, task } = await setup()
    const child = await create('After')

    await create({ title: 'Idea', triage: true, children: [child.id] })

    expect(await task(child.id)).toMatchObject({ status: 'todo' })
  })
})
