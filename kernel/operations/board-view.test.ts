import { describe, expect, it } from 'vitest'
import { TASK_STATUSES } from '../../contract/index.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { giveProject } from '../testing/give-project.ts'
import { taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

describe('the view of a board', () => {
  it('has a column for each status but archived, with cards in the order in which they would run', async () => {
    const bundle = await setup()
    const { call, clock, create } = bundle
    for (const status of TASK_STATUSES) await taskIn(bundle, status)
    clock.advance(1)
    const urgent = await create({ title: 'Urgent', priority: 5 })

    const { columns, board } = await call('board.view', {})

    expect(columns.map((column) => column.status)).toEqual(
      TASK_STATUSES.filter((status) => status !== 'archived'),
    )
    const ready = columns.find((column) => column.status === 'ready')!
    expect(ready.cards[0]?.id).toBe(urgent.id)
    // The open parent of the waiting task is ready, too.
    expect(ready.count).toBe(3)
    expect(board.counts).toMatchObject({ triage: 1, todo: 1, ready: 3, running: 1, archived: 1 })
    const all = await call('board.view', { archived: true })
    expect(all.columns.map((column) => column.cards.length)).toEqual([1, 1, 3, 1, 1, 1, 1, 1])
  })

  it('returns the requested number of cards per column, first to run first, with the total', async () => {
    const { call, create } = await setup()
    for (const priority of [1, 3, 2]) await create({ title: `Priority ${priority}`, priority })
    await create({ title: 'An idea', triage: true })

    const { columns } = await call('board.view', { limit: 2 })

    const shown = Object.fromEntries(
      columns.map(({ status, count, cards }) => [status, [count, cards.length]]),
    )
    expect(shown).toMatchObject({ triage: [1, 1], ready: [3, 2], blocked: [0, 0] })
    expect(columns.find(({ status }) => status === 'ready')?.cards.map(({ priority }) => priority)).toEqual([
      3, 2,
    ])
  })

  it('limits finished cards to the newest', async () => {
    const { call, clock, create } = await setup()
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      const { id } = await create()
      clock.advance(1)
      await call('task.complete', { id })
      ids.push(id)
    }

    const done = (await call('board.view', { done_limit: 2 })).columns.find(
      ({ status }) => status === 'done',
    )!

    expect(done.count).toBe(5)
    expect(done.cards.map((card) => card.id)).toEqual([ids[4], ids[3]])
  })

  it('shows related facts on a card', async () => {
    const bundle = await setup()
    const { call, claim, create } = bundle
    const parent = await create('Parent')
    const child = await create({ parents: [parent.id] })
    const done = await create({ parents: [parent.id] })
    await call('link.remove', { parent_id: parent.id, child_id: done.id })
    await call('task.complete', { id: done.id })
    await call('link.add', { parent_id: parent.id, child_id: done.id })
    await call('comment.add', { id: parent.id, body: 'Hello' })
    await claim(parent.id)
    await call('task.reclaim', { id: parent.id, reason: 'Wrong one' })
    const { worker } = await claim(parent.id)
    await call('task.block', { id: parent.id, reason: 'Which one?' }, worker)
    await call('task.unblock', { id: parent.id })
    const last = await claim(parent.id)
    await call('task.heartbeat', { id: parent.id, note: 'half' }, last.worker)

    const { tasks } = await call('task.list', {})

    const card = (id: string) => tasks.find((one) => one.id === id)
    expect(card(parent.id)).toMatchObject({
      children: expect.arrayContaining([child.id, done.id]) as string[],
      children_done: 1,
      comment_count: 1,
      attempt_count: 3,
      last_outcome: 'blocked',
      latest_summary: 'Which one?',
      run_started_at: last.run.started_at,
      run_heartbeat_note: 'half',
      why: null,
    })
    expect(card(child.id)).toMatchObject({
      parents: [parent.id],
      open_parents: [parent.id],
      why: { gate: 'open_parents', action: `unlink ${parent.id} ${child.id}` },
    })
  })
})

describe('the changes of a board', () => {
  it('holds the cards that changed since the cursor, with their neighbours', async () => {
    const { call, create } = await setup()
    const parent = await create('Parent')
    const child = await create({ title: 'Child', parents: [parent.id] })
    await create('Unchanged')
    const { cursor } = await call('board.view', {})
    expect(await call('board.changes', { since: cursor })).toMatchObject({
      cards: [],
      removed: [],
      reset: false,
    })

    await call('task.complete', { id: parent.id })

    const changes = await call('board.changes', { since: cursor })
    expect(changes.cards.map((card) => [card.id, card.status]).sort()).toEqual(
      [
        [parent.id, 'done'],
        [child.id, 'ready'],
      ].sort(),
    )
    expect(changes.counts).toMatchObject({ done: 1, ready: 2, todo: 0 })
    expect(changes.cursor).toBeGreaterThan(cursor)
  })

  it('names deleted tasks', async () => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'archived')
    const { cursor } = await bundle.call('board.view', {})

    await bundle.call('task.delete', { id })

    expect(await bundle.call('board.changes', { since: cursor })).toMatchObject({ removed: [id], cards: [] })
  })

  it('holds both ends of a removed link', async () => {
    const { call, create } = await setup()
    const parent = await create('Parent')
    const child = await create({ title: 'Child', parents: [parent.id] })
    const last = await create({ title: 'Last', parents: [child.id] })
    const changes = async (body: () => Promise<unknown>) => {
      const { cursor } = await call('board.view', {})
      await body()
      const { cards } = await call('board.changes', { since: cursor })
      return Object.fromEntries(
        cards.map((card) => [card.title, [card.parents.length, card.children.length]]),
      )
    }

    expect(
      await changes(() => call('link.remove', { parent_id: parent.id, child_id: child.id })),
    ).toMatchObject({
      Parent: [0, 0],
      Child: [0, 1],
    })
    await call('task.archive', { id: child.id })
    expect(await changes(() => call('task.delete', { id: child.id }))).toMatchObject({ Last: [0, 0] })
    expect((await call('task.show', { id: last.id })).task.status).toBe('ready')
  })

  it('misses nothing, however many events one task has had', async () => {
    const { call, create, write } = await setup()
    const busy = await create('Busy')
    const { cursor } = await call('board.view', {})
    write((tx) => {
      for (let n = 0; n < 2100; n++) writeEvent(tx, 'edited', busy.id, null, { n })
    })
    const late = await create('Late')

    const changes = await call('board.changes', { since: cursor })

    expect(changes.reset || changes.cards.some((card) => card.id === late.id)).toBe(true)
  })

  it('asks for a full read when there are too many changes', async () => {
    const { call, create, write } = await setup()
    const { id } = await create()
    write((tx) => {
      for (let n = 0; n < 5000; n++) writeEvent(tx, 'edited', id, null, { n })
    })

    expect(await call('board.changes', { since: 0 })).toMatchObject({ reset: true, cards: [] })
  })

  it('refuses a cursor that this board never gave', async () => {
    const { call, create } = await setup()
    await create()

    expect(await call('board.changes', { since: 1_000_000 })).toMatchObject({ reset: true })
  })
})

describe('a list', () => {
  it('is ordered by priority and then by age, or as asked', async () => {
    const { call, clock, create } = await setup()
    for (const [title, priority, assignee] of [
      ['b', 1, 'zoe'],
      ['A', 5, undefined],
      ['c', 1, 'amy'],
    ] as const) {
      clock.advance(1)
      await create({ title, priority, assignee })
    }
    const titles = async (sort?: 'title' | 'created' | '-created' | 'priority' | 'assignee') =>
      (await call('task.list', { sort })).tasks.map((card) => card.title).join('')

    expect(await titles()).toBe('Abc')
    expect(await titles('priority')).toBe('bcA')
    expect(await titles('created')).toBe('bAc')
    expect(await titles('-created')).toBe('cAb')
    expect(await titles('title')).toBe('Abc')
    expect(await titles('assignee')).toBe('cbA')
  })

  it('applies its filters, and leaves out archived tasks unless asked for', async () => {
    const bundle = await setup()
    const { call } = bundle
    const mine = await taskIn(bundle, 'ready', { assignee: 'coder', tenant: 'acme' })
    const other = await taskIn(bundle, 'blocked', { assignee: 'tester' })
    const away = await taskIn(bundle, 'archived')
    const ids = async (filter: Parameters<typeof call<'task.list'>>[1]) =>
      (await call('task.list', filter)).tasks.map((card) => card.id).sort()

    expect(await ids({})).toEqual([mine.id, other.id].sort())
    expect(await ids({ archived: true })).toHaveLength(3)
    expect(await ids({ status: ['archived'] })).toEqual([away.id])
    expect(await ids({ status: ['ready', 'blocked'], assignee: 'tester' })).toEqual([other.id])
    expect(await ids({ tenant: 'acme' })).toEqual([mine.id])
    expect(await ids({ limit: 1, sort: 'created' })).toHaveLength(1)
  })

  it('allows the filter “mine” to workers only', async () => {
    const { call, claim, create, refused } = await setup()
    const { worker } = await claim((await create({ assignee: 'coder' })).id)
    await create({ assignee: 'tester' })

    expect((await call('task.list', { mine: true }, worker)).tasks).toHaveLength(1)
    await refused('INVALID_INPUT', 'task.list', { mine: true })
  })
})

describe('edit', () => {
  it('changes the named fields and reports them once', async () => {
    const { call, clock, create, events, task } = await setup()
    const { id } = await create({ body: 'old', priority: 1, tenant: 'acme' })
    clock.advance(5)

    await call('task.edit', { id, title: ' New ', body: null, priority: 2, skills: ['x'], tenant: 'acme' })

    expect(await task(id)).toMatchObject({
      title: 'New',
      body: null,
      priority: 2,
      skills: ['x'],
      tenant: 'acme',
      updated_at: clock.now,
    })
    expect((await events(id)).slice(1).map(({ kind, payload }) => [kind, payload])).toEqual([
      ['reprioritized', { priority: 2, from: 1 }],
      ['edited', { fields: ['title', 'body', 'skills'], from: { title: 'A task', body: 'old', skills: [] } }],
    ])
  })

  it('of nothing, or to a blank title, is refused', async () => {
    const { create, refused } = await setup()
    const { id } = await create()

    await refused('INVALID_INPUT', 'task.edit', { id })
    await refused('INVALID_INPUT', 'task.edit', { id, title: ' ' })
    await refused('NOT_FOUND', 'task.edit', { id: 't_00000000', title: 'x' })
  })

  it('gives no branch to a task without a worktree, as create', async () => {
    const bundle = await setup()
    const { call, create, refused } = bundle
    const scratch = await create()
    await giveProject(bundle)
    const tree = await create({ workspace: 'worktree', branch: 'one' })

    await refused('CONFLICT', 'task.edit', { id: scratch.id, branch: 'fix' })
    await call('task.edit', { id: tree.id, branch: 'two' })
  })
})

describe('several at once', () => {
  it('does what it can, reports each result, and refuses a verb that cannot be applied to several tasks', async () => {
    const bundle = await setup()
    const { call, refused, task } = bundle
    const ready = await taskIn(bundle, 'ready')
    const done = await taskIn(bundle, 'done')

    const { results } = await call('task.bulk', {
      ids: [ready.id, done.id, 't_00000000', ready.id],
      verb: 'block',
      reason: 'Not now',
    })

    expect(results).toMatchObject([
      { id: ready.id, task: { status: 'blocked' } },
      { id: done.id, error: { code: 'CONFLICT' } },
      { id: 't_00000000', error: { code: 'NOT_FOUND' } },
    ])
    expect(await task(ready.id)).toMatchObject({ status: 'blocked' })
    await refused('INVALID_INPUT', 'task.bulk', { ids: [ready.id], verb: 'explode' })
    await refused('INVALID_INPUT', 'task.bulk', { ids: [], verb: 'archive' })
    await refused('INVALID_INPUT', 'task.bulk', { ids: [ready.id], verb: 'block' })
    await refused('INVALID_INPUT', 'task.bulk', {
      ids: [ready.id, done.id],
      verb: 'complete',
      summary: 'Both',
    })
  })
})
