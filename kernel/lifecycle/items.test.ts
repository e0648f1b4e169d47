import { beforeEach, describe, expect, it } from 'vitest'
import { failOpenRun } from '../testing/factories.ts'
import { addMaps, itemCards, MAPPED } from '../testing/mapping.ts'
import { makeRepository } from '../testing/repository.ts'
import { type Setup, setup, temporaryFolder } from '../testing/setup.ts'

let bundle: Setup
let id: string

beforeEach(async () => {
  bundle = await setup()
  await addMaps(bundle)
  id = (await bundle.create('A card')).id
})

interface Part {
  key: string
  what: string
  after?: string[]
}

async function planned(parts: readonly Part[]): Promise<void> {
  await bundle.call('workflow.start', { id, name: 'mapped' })
  await plan(parts)
}

async function plan(parts: readonly Part[]): Promise<void> {
  const { worker } = await bundle.claim(id, 'planner')
  await bundle.call('task.complete', { id, metadata: { parts } as never }, worker)
}

async function fanned(parts: string[]): Promise<void> {
  await bundle.call('workflow.start', { id, name: 'fan', inputs: { parts }, roles: { builder: 'builder' } })
}

const ab: Part[] = [
  { key: 'a', what: 'the floor' },
  { key: 'b', what: 'the roof', after: ['a'] },
]

async function card(key: string, of = id): Promise<string> {
  const found = (await itemCards(bundle, of)).get(key)
  if (found === undefined) throw new Error(`there is no item ${key}`)
  return found
}

async function finish(key: string, verdict?: string): Promise<void> {
  const one = await card(key)
  const { worker } = await bundle.claim(one, 'builder')
  const given = verdict === undefined ? {} : { verdict }
  await bundle.call('task.complete', { id: one, summary: `built ${key}`, ...given }, worker)
}

async function place(of = id): Promise<string> {
  const { current_step_key, status } = await bundle.task(of)
  return `${status} ${current_step_key ?? ''}`
}

async function states(of = id): Promise<string> {
  const { items = [] } = await bundle.call('task.show', { id: of })
  return items.map(({ key, state, task }) => `${key}:${state}:${task?.status ?? 'deleted'}`).join(' ')
}

describe('a card at a map step', () => {
  it('waits in todo for a card of each item, which come in their order', async () => {
    await planned(ab)
    expect(await place()).toBe('todo parts')
    expect(await states()).toBe('a:open:ready b:open:todo')
    expect((await bundle.show(id)).why).toMatchObject({
      gate: 'open_items',
      sentence: 'Waiting for 2 of 2 items.',
    })
    expect(await bundle.task(await card('a'))).toMatchObject({ title: 'a', assignee: 'builder' })
    await finish('a')
    expect(await states()).toBe('a:succeeded:done b:open:ready')
    expect((await bundle.show(id)).why?.sentence).toBe('Waiting for 1 of 2 items.')
    await finish('b')
    expect(await place()).toBe('ready report')
  })

  it('hands over the reports of its items', async () => {
    await planned(ab)
    await finish('a')
    await finish('b')
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits[1]).toMatchObject({
      step: 'parts',
      verdict: 'succeeded',
      summary: '2 of 2 items succeeded.',
      outputs: {
        succeeded: 2,
        failed: 0,
        let_go: 0,
        items: [
          { key: 'a', state: 'succeeded', summary: 'built a', metadata: null },
          { key: 'b', summary: 'built b' },
        ],
      },
    })
    expect((await bundle.call('task.context', { id })).context).toContain('"built b"')
    expect((await bundle.show(id)).links.parents).toEqual([])
  })

  it.each(['finish', 'cancel'])(
    'shows that cards of items block nothing any more after a %s',
    async (how) => {
      await planned(['a', 'c'].map((key) => ({ key, what: key })))
      await finish('a')
      const { cursor } = await bundle.call('board.view', {})
      if (how === 'finish') await finish('c')
      else await bundle.call('task.cancel_workflow', { id, reason: 'Enough' })
      const { cards } = await bundle.call('board.changes', { since: cursor })
      const a = await card('a')
      expect(cards.find((one) => one.id === a)?.children).toEqual([])
    },
  )

  it('shows the worker of an item which item it is', async () => {
    await planned(ab)
    const one = await card('b')
    const { context } = await bundle.call('task.context', { id: one })
    expect(context).toContain('Build the roof')
    expect(context).toContain(`This card is the item “b” of the step “parts” of ${id}: A card.`)
    expect(context).toContain('"what": "the roof"')
    expect((await bundle.call('task.walk', { id: one })).item_of).toEqual({
      task_id: id,
      title: 'A card',
      step: 'parts',
      key: 'b',
      state: 'open',
    })
    expect((await bundle.show(one)).item_of).toMatchObject({ task_id: id })
  })

  it('passes an empty list', async () => {
    await planned([])
    expect(await place()).toBe('done nothing')
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits.at(-1)).toMatchObject({ verdict: 'empty', outputs: { items: [] } })
  })

  it.each([
    ['twice the same key', [ab[0], ab[0]], 'Two items of “steps.plan.metadata.parts” have the key “a”.'],
    [
      'an item after one that is not there',
      [{ ...ab[0], after: ['z'] }],
      'comes after “z”, which does not exist',
    ],
    ['items in a circle', [{ ...ab[0], after: ['b'] }, ab[1]], 'The items “a”, “b” wait for each other.'],
    [
      'too many items',
      Array.from({ length: 101 }, (_, n) => ({ key: `k${n}`, what: 'x' })),
      'has 101 items; “parts” takes at most 100 (max_items)',
    ],
    [
      'an item with a blank key',
      [{ key: ' ', what: 'x' }],
      'Item 1 of “steps.plan.metadata.parts” has no usable “key”',
    ],
  ])('is blocked by %s, and makes no card', async (_, parts, sentence) => {
    await planned(parts as Part[])
    expect(await place()).toBe('blocked parts')
    expect((await bundle.task(id)).block_reason).toContain(sentence)
    expect(await itemCards(bundle, id)).toEqual(new Map())
    await bundle.call('task.unblock', { id })
    expect(await place()).toBe('blocked parts')
    await bundle.call('task.goto', { id, step: 'plan', reason: 'Again' })
    await plan(ab)
    expect(await place()).toBe('todo parts')
  })

  it('makes new items when it goes back, and keeps the old ones as history', async () => {
    await planned(ab)
    await bundle.call('task.archive', { id: await card('a') })
    await finish('b')
    expect(await place()).toBe('ready plan')
    await plan([{ key: 'a', what: 'the floor again' }])
    expect(await states()).toBe('a:open:ready')
    const { walks } = await bundle.call('task.walk', { id })
    const maps = (walks[0]?.visits ?? []).filter(({ step }) => step === 'parts')
    expect(maps.map(({ items, valid }) => [valid, items.map(({ key, state }) => `${key}:${state}`)])).toEqual(
      [
        [true, ['a:failed', 'b:succeeded']],
        [true, ['a:open']],
      ],
    )
  })

  it('lets an item go for a person with a reason, and holds its card', async () => {
    await planned(ab)
    await bundle.refused('CONFLICT', 'link.remove', { parent_id: await card('a'), child_id: id })
    await bundle.refused('NOT_FOUND', 'task.let_item_go', { id, item: 'z', reason: 'r' })
    const b = await card('b')
    await bundle.call('task.let_item_go', { id, item: 'b', reason: 'No roof' })
    await bundle.refused('CONFLICT', 'task.let_item_go', { id, item: 'b', reason: 'r' })
    expect(await bundle.task(b)).toMatchObject({
      held: true,
      held_reason: `no longer an item of ${id}: No roof`,
    })
    expect(await bundle.kinds(id)).toEqual(expect.arrayContaining(['items_created', 'item_let_go']))
    await finish('a')
    expect(await place()).toBe('ready report')
    await bundle.call('task.archive', { id: b })
    expect(await states()).toBe('a:succeeded:done b:let_go:archived')
    await bundle.refused('CONFLICT', 'task.let_item_go', { id, item: 'a', reason: 'r' })
  })

  it('lets its open items go when a person skips the step', async () => {
    await planned(ab)
    await finish('a')
    await bundle.call('task.skip', { id, verdict: 'succeeded', reason: 'Enough' })
    expect(await place()).toBe('ready report')
    expect(await states()).toBe('a:succeeded:done b:let_go:ready')
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits[1]).toMatchObject({ outputs: { succeeded: 1, let_go: 1 }, summary: 'Enough' })
  })

  it('no longer waits for its items when its workflow is cancelled', async () => {
    await planned(ab)
    await bundle.call('task.cancel_workflow', { id, reason: 'Enough' })
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', workflow_run_id: null })
    expect(await states()).toBe('a:let_go:ready b:let_go:todo')
  })

  it('waits again for a card that is reopened or restored', async () => {
    await planned(ab)
    const a = await card('a')
    await finish('a')
    await bundle.call('task.reopen', { id: a })
    expect(await states()).toBe('a:open:ready b:open:todo')
    await bundle.call('task.archive', { id: a })
    expect(await states()).toBe('a:failed:archived b:open:ready')
    await bundle.call('task.restore', { id: a })
    expect(await states()).toBe('a:open:ready b:open:todo')
    await bundle.call('task.complete', { id: a })
    await finish('b')
    expect(await place()).toBe('ready report')
    await bundle.call('task.reopen', { id: a })
    expect(await place()).toBe('ready report')
    expect(await states()).toBe('a:succeeded:ready b:succeeded:done')
  })

  it('keeps the item of a card that was deleted', async () => {
    await planned(ab)
    const a = await card('a')
    await bundle.call('task.archive', { id: a })
    await bundle.call('task.delete', { id: a })
    expect(await states()).toBe('a:failed:deleted b:open:ready')
    await finish('b')
    expect(await place()).toBe('ready plan')
  })

  it('continues when it is unblocked or restored after its last item', async () => {
    await planned([ab[0] as Part])
    await bundle.call('task.block', { id, reason: 'Wait' })
    await finish('a')
    expect(await place()).toBe('blocked parts')
    await bundle.call('task.unblock', { id })
    expect(await place()).toBe('ready report')
    id = (await bundle.create('Other')).id
    await planned([ab[0] as Part])
    await bundle.call('task.archive', { id })
    await bundle.call('task.complete', { id: await card('a') })
    await bundle.call('task.restore', { id })
    expect(await place()).toBe('ready report')
  })

  it('can be deleted with its walk; its items become ordinary cards', async () => {
    await planned(ab)
    const a = await card('a')
    await bundle.call('task.archive', { id })
    await bundle.call('task.delete', { id })
    expect((await bundle.show(a)).item_of).toBeUndefined()
    await bundle.call('task.complete', { id: a })
  })

  it('runs at most `max_parallel` items at once', async () => {
    await planned(['a', 'b', 'c'].map((key) => ({ key, what: key })))
    for (const key of ['a', 'b']) await bundle.claim(await card(key), 'builder')
    const error = await bundle.refused('CONFLICT', 'task.claim', { id: await card('c') })
    expect(error.message).toContain('At most 2 of them run at once')
    expect((await bundle.show(await card('c'))).why).toMatchObject({
      gate: 'item_limit',
      sentence: 'Waits for its turn: 2 items run at once.',
    })
    await bundle.call('task.let_item_go', { id, item: 'a', reason: 'r' })
    expect((await bundle.show(await card('c'))).why?.gate).not.toBe('item_limit')
  })
})

it('plans at most `max_parallel` items, of all profiles together, beside other cards', async () => {
  await bundle.call('settings.set', { settings: { max_running: 9 } })
  await bundle.call('profile.add', { name: 'other', shell: 'true' })
  const file = MAPPED.replace('profile: builder', 'profile: "{{item.what}}"')
  await bundle.call('workflow.add', { file, replace: true })
  await planned(['builder', 'other', 'builder', 'other'].map((what, n) => ({ key: `k${n}`, what })))
  const beside = await bundle.create({ assignee: 'builder', priority: -1 })
  const dry = async () =>
    (await bundle.call('dispatcher.dispatch', { dry_run: true })).claimed.map((one) => one.task_id)
  const first = await dry()
  expect(first).toContain(beside.id)
  expect(first).toHaveLength(3)
  await bundle.claim(first.find((one) => one !== beside.id) ?? '')
  expect(await dry()).toHaveLength(2)
})

describe('the items of a map over a workflow', () => {
  it('walk through it with their own inputs and roles, and fail when it fails', async () => {
    await fanned(['x', 'y'])
    const x = await card('x')
    expect(await bundle.task(x)).toMatchObject({ assignee: 'builder', current_step_key: 'build', title: 'x' })
    expect((await bundle.call('task.context', { id: x })).context).toContain('Build the part x')
    await finish('x', 'good')
    await finish('y', 'bad')
    expect(await states()).toBe('x:succeeded:done y:failed:done')
    expect(await place()).toBe('done bad')
  })

  it('use the version of their workflow from the start', async () => {
    await fanned(['x'])
    const { walks } = await bundle.call('task.walk', { id: await card('x') })
    expect(walks[0]).toMatchObject({ workflow: 'part', version: 1, inputs: { goal: 'the part x' } })
  })

  it('can be a single one, which is a sub-workflow', async () => {
    await fanned(['x'])
    expect((await bundle.show(id)).why?.sentence).toBe('Waiting for its one item.')
    await finish('x', 'good')
    expect(await place()).toBe('done good')
  })

  it('can be a hundred, with one blocked, one let go and one that fails', async () => {
    const keys = Array.from({ length: 100 }, (_, n) => `k${n}`)
    await fanned(keys)
    const blocked = await bundle.claim(await card('k7'), 'builder')
    await bundle.call('task.block', { id: await card('k7'), reason: 'Which one?' }, blocked.worker)
    for (const key of keys.slice(8)) await finish(key, key === 'k50' ? 'bad' : 'good')
    for (const key of keys.slice(0, 6)) await finish(key, 'good')
    await bundle.call('task.let_item_go', { id, item: 'k6', reason: 'Not needed' })
    expect(await place()).toBe('todo fan')
    expect((await bundle.show(id)).why?.sentence).toBe('Waiting for 1 of 100 items.')
    await bundle.call('task.unblock', { id: await card('k7'), answer: 'This one' })
    await finish('k7', 'good')
    expect(await place()).toBe('done bad')
    const { walks } = await bundle.call('task.walk', { id })
    expect(walks[0]?.visits[0]).toMatchObject({
      verdict: 'some_failed',
      summary: '98 of 100 items succeeded, 1 failed; a person let 1 go.',
    })
  })
})

it('counts no time at a map, whose items have limits of their own', async () => {
  await bundle.call('workflow.add', {
    file: MAPPED.replace('steps:', 'limits: {max_runtime_hours: 1}\nsteps:'),
    replace: true,
  })
  await planned([{ key: 'a', what: 'the floor' }])
  bundle.clock.advance(9 * 3_600_000)
  await finish('a')
  expect(await place()).toBe('ready report')
  const { worker } = await bundle.claim(id, 'planner')
  await bundle.call('task.complete', { id }, worker)
  expect(await place()).toBe('done over')
})

describe('a card whose items have branches to join', () => {
  const writing = MAPPED.replace('workspace: scratch', 'workspace: worktree')
  const joins = async (keys: string[]) => {
    const { folder } = makeRepository(temporaryFolder())
    await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
    await bundle.call('workflow.add', { file: writing, replace: true })
    id = (await bundle.create({ title: 'Whole', workspace: 'worktree', assignee: 'owner' })).id
    await planned(keys.map((key) => ({ key, what: key })))
    for (const key of keys) await finish(key)
  }

  it('is ready for the run that joins them, which no person can report in its place', async () => {
    await joins(['a'])
    expect(await bundle.task(id)).toMatchObject({
      status: 'ready',
      current_step_key: 'parts',
      assignee: 'runboard:merge',
    })
    const input = { id, verdict: 'succeeded' }
    expect((await bundle.refused('CONFLICT', 'task.complete', input)).message).toContain('joins the work')
    await bundle.call('task.block', { id, reason: 'Wait' })
    expect((await bundle.task(id)).assignee).toBe('owner')
    await bundle.call('task.unblock', { id })
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', assignee: 'runboard:merge' })
    await bundle.call('task.archive', { id })
    await bundle.call('task.restore', { id })
    expect(await place()).toBe('ready parts')
  })

  it('waits again when a person reopens an item, and joins when that is over', async () => {
    await joins(['a', 'b'])
    const a = await card('a')
    await bundle.call('task.reopen', { id: a })
    expect(await bundle.task(id)).toMatchObject({ status: 'todo', assignee: 'owner' })
    await bundle.call('task.complete', { id: a })
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', assignee: 'runboard:merge' })
    await bundle.call('task.let_item_go', { id, item: 'a', reason: 'No use' })
    expect(await states()).toBe('a:let_go:done b:succeeded:done')
  })

  it('is still joined when a person reopens the card of an item in the state `let_go`', async () => {
    await joins(['a', 'b'])
    const a = await card('a')
    await bundle.call('task.let_item_go', { id, item: 'a', reason: 'No use' })
    await bundle.call('task.reopen', { id: a })
    expect(await states()).toBe('a:let_go:ready b:succeeded:done')
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', assignee: 'runboard:merge' })
  })

  it('stops an item that runs again when it is archived while their work is being joined', async () => {
    await joins(['a', 'b'])
    const a = await card('a')
    await bundle.claim(id)
    await bundle.call('task.reopen', { id: a })
    await bundle.claim(a, 'builder')
    await bundle.call('task.archive', { id })
    expect(await bundle.task(id)).toMatchObject({ status: 'archived' })
    expect(await bundle.task(a)).toMatchObject({ status: 'ready', held: true })
    expect((await bundle.runs(a)).at(-1)).toMatchObject({
      outcome: 'reclaimed',
      error: `${id}, whose item it is, was archived`,
    })
  })

  it('is assigned to its own profile while a limit stops it', async () => {
    await joins(['a'])
    for (const round of [1, 2, 3]) {
      if (round > 1) {
        await plan([{ key: 'a', what: 'the floor' }])
        await finish('a')
      }
      const reason = `Not good: ${round}`
      await bundle.call('task.skip', { id, verdict: 'some_failed', reason })
    }
    expect(await bundle.task(id)).toMatchObject({ status: 'blocked', assignee: 'owner' })
    await bundle.call('task.unblock', { id })
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', assignee: 'runboard:merge' })
  })

  it('is assigned to its own profile when it gives up', async () => {
    await joins(['a'])
    await bundle.call('task.edit', { id, max_retries: 1 })
    await bundle.claim(id)
    failOpenRun(bundle, id, { error: 'There is no git.' })
    expect(await bundle.task(id)).toMatchObject({
      status: 'blocked',
      block_kind: 'gave_up',
      assignee: 'owner',
    })
    await bundle.call('task.retry', { id })
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', assignee: 'runboard:merge' })
  })

  it('continues without the work when a person skips the step', async () => {
    await joins(['a'])
    await bundle.call('task.skip', { id, verdict: 'succeeded', reason: 'By hand' })
    expect(await place()).toBe('ready report')
    expect((await bundle.task(id)).assignee).toBe('planner')
  })
})
