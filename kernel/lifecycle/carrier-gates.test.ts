import { beforeEach, describe, expect, it } from 'vitest'
import { addMaps, itemCards } from '../testing/mapping.ts'
import { type Setup, setup } from '../testing/setup.ts'

/** Its items are a card with items of their own; the second one comes after the first. */
const NESTED = `runboard: 1
name: nested
title: Items of items
roles: {builder: {capability: worker}}
steps:
  - key: plan
    kind: work
    profile: planner
    prompt: Which teams?
    metadata:
      type: object
      required: [teams]
      properties:
        teams:
          type: array
          items:
            type: object
            required: [key, parts]
            properties: {key: {type: string}, parts: {type: array, items: {type: string}}, after: {type: array, items: {type: string}}}
    on: {done: teams}
  - key: teams
    kind: map
    over: steps.plan.metadata.teams
    item_key: key
    after: after
    do: fan
    with: {parts: "{{item.parts}}"}
    on: {succeeded: good, some_failed: bad}
  - {key: good, kind: end, state: succeeded}
  - {key: bad, kind: end, state: failed}
`

/** A second map reads what the first one handed over. */
const TWICE = `runboard: 1
name: twice
title: Two maps
workspace: scratch
inputs: {parts: {type: list, required: true}}
steps:
  - key: first
    kind: map
    over: inputs.parts
    do: {profile: builder, prompt: Build}
    on: {succeeded: second, some_failed: bad}
  - key: second
    kind: map
    over: steps.first.metadata.items
    item_key: key
    do: {profile: builder, prompt: "Read {{item.state}}"}
    on: {succeeded: good, some_failed: bad}
  - {key: good, kind: end, state: succeeded}
  - {key: bad, kind: end, state: failed}
`

let bundle: Setup

beforeEach(async () => {
  bundle = await setup()
  await addMaps(bundle)
  for (const file of [NESTED, TWICE]) await bundle.call('workflow.add', { file })
})

async function start(id: string, parts = ['a', 'b']): Promise<void> {
  await bundle.call('workflow.start', { id, name: 'fan', inputs: { parts }, roles: { builder: 'builder' } })
}

async function card(of: string, key: string): Promise<string> {
  const id = (await itemCards(bundle, of)).get(key)
  if (id === undefined) throw new Error(`there is no item ${key}`)
  return id
}

/** The carrier, its items `x` and `y` after `x`, and the items `a` of both. */
async function nested(): Promise<Record<'top' | 'x' | 'y' | 'xa' | 'ya', string>> {
  const teams = [
    { key: 'x', parts: ['a'] },
    { key: 'y', parts: ['a'], after: ['x'] },
  ]
  const top = (await bundle.create('Top')).id
  await bundle.call('workflow.start', { id: top, name: 'nested', roles: { builder: 'builder' } })
  const { worker } = await bundle.claim(top, 'planner')
  await bundle.call('task.complete', { id: top, metadata: { teams } }, worker)
  const [x, y] = [await card(top, 'x'), await card(top, 'y')]
  return { top, x, y, xa: await card(x, 'a'), ya: await card(y, 'a') }
}

const waiting = (id: string) => ({ held: true, held_reason: `waits with ${id}, whose item it is` })

describe('the gates of a card apply to its items', () => {
  it('holds them until the card is released', async () => {
    const { id } = await bundle.create({ held: true })
    await start(id)
    const a = await card(id, 'a')
    expect(await bundle.task(a)).toMatchObject(waiting(id))
    await bundle.refused('CONFLICT', 'task.claim', { id: a })
    await bundle.call('task.hold', { id: await card(id, 'b'), reason: 'Mine' })
    await bundle.call('task.release', { id })
    await bundle.claim(a, 'builder')
  })

  it('holds them with a card that is held later, but releases none that a person holds', async () => {
    const { id } = await bundle.create()
    await start(id)
    const [a, b] = [await card(id, 'a'), await card(id, 'b')]
    await bundle.call('task.hold', { id: b, reason: 'Mine' })
    await bundle.call('task.hold', { id, reason: 'All' })
    expect(await bundle.task(a)).toMatchObject(waiting(id))
    await bundle.call('task.release', { id })
    expect(await bundle.task(a)).toMatchObject({ held: false, held_reason: null })
    expect(await bundle.task(b)).toMatchObject({ held: true, held_reason: 'Mine' })
  })

  it('schedules them with the card, also when its time changes', async () => {
    const soon = bundle.clock.now + 60_000
    const { id } = await bundle.create({ not_before_at: soon })
    await start(id)
    const [a, b] = [await card(id, 'a'), await card(id, 'b')]
    await bundle.refused('CONFLICT', 'task.claim', { id: a })
    await bundle.call('task.schedule', { id: b, not_before_at: soon + 1 })
    await bundle.call('task.schedule', { id, not_before_at: bundle.clock.now })
    await bundle.claim(a, 'builder')
    expect((await bundle.task(b)).not_before_at).toBe(soon + 1)
  })

  it.each(['done', 'unlinked'])(
    'lets them wait for the parents of the card until those are %s',
    async (how) => {
      const parent = await bundle.create('First')
      const { id } = await bundle.create({ parents: [parent.id] })
      await start(id)
      const a = await card(id, 'a')
      expect((await bundle.task(a)).status).toBe('todo')
      if (how === 'done') await bundle.call('task.complete', { id: parent.id })
      else await bundle.call('link.remove', { parent_id: parent.id, child_id: id })
      expect((await bundle.task(a)).status).toBe('ready')
      expect((await bundle.task(id)).status).toBe('todo')
    },
  )

  it('makes the items of an item wait for the items before it', async () => {
    const { x, xa, y, ya } = await nested()
    expect((await bundle.task(xa)).status).toBe('ready')
    expect((await bundle.task(ya)).status).toBe('todo')
    await bundle
      .claim(xa, 'builder')
      .then(({ worker }) => bundle.call('task.complete', { id: xa, verdict: 'good' }, worker))
    expect((await bundle.task(x)).status).toBe('done')
    expect((await bundle.task(ya)).status).toBe('ready')
    expect((await bundle.task(y)).status).toBe('todo')
  })
})

describe('a command that a planner proposed for a card with items', () => {
  async function proposed(): Promise<{
    id: string
    a: string
    planner: Awaited<ReturnType<Setup['claim']>>
  }> {
    await bundle.call('profile.set', { name: 'planner', fields: { capabilities: ['worker', 'planner'] } })
    const planner = await bundle.claim((await bundle.create()).id, 'planner')
    const made = await bundle.call('task.create', { title: 'P', verify_command: 'make it' }, planner.worker)
    await start(made.task.id)
    return { id: made.task.id, a: await card(made.task.id, 'a'), planner }
  }

  it('runs for no item before a person accepts it', async () => {
    const { id, a } = await proposed()
    const proposal = { verify_command: 'make it', proposed_fields: ['verify_command'] }
    expect(await bundle.task(a)).toMatchObject({ ...waiting(id), ...proposal })
    await bundle.call('task.retry', { id: a })
    await bundle.refused('CONFLICT', 'task.claim', { id: a })
    await bundle.call('task.release', { id })
    expect(await bundle.task(a)).toMatchObject({ held: false, proposed_fields: null })
  })

  it('is accepted only for items with the command that the person saw', async () => {
    const { id, a, planner } = await proposed()
    await bundle.call('task.edit', { id, verify_command: 'make more' }, planner.worker)
    await bundle.call('task.release', { id })
    expect(await bundle.task(id)).toMatchObject({ held: false, verify_command: 'make more' })
    expect(await bundle.task(a)).toMatchObject({
      held: true,
      held_reason: 'a planner proposes to run the check “make it”',
      proposed_fields: ['verify_command'],
    })
  })
})

describe('the items of an item', () => {
  it('are held when a person lets it go, and released with it', async () => {
    const { top, x, xa } = await nested()
    await bundle.call('task.let_item_go', { id: top, item: 'x', reason: 'No' })
    expect(await bundle.task(xa)).toMatchObject(waiting(x))
    await bundle.call('task.release', { id: x })
    expect((await bundle.task(xa)).held).toBe(false)
  })

  it.each(['task.skip', 'task.cancel_workflow'] as const)('are held after %s', async (name) => {
    const { top, x, xa, y, ya } = await nested()
    const given = name === 'task.skip' ? { verdict: 'succeeded' } : {}
    await bundle.call(name, { id: top, reason: 'Enough', ...given })
    expect(await bundle.task(xa)).toMatchObject(waiting(x))
    expect(await bundle.task(ya)).toMatchObject(waiting(y))
  })

  it('are held while it is archived', async () => {
    const { x, xa } = await nested()
    await bundle.call('task.archive', { id: x })
    expect(await bundle.task(xa)).toMatchObject(waiting(x))
    await bundle.call('task.restore', { id: x })
    expect((await bundle.task(xa)).held).toBe(false)
  })
})

it('hands over its items when it is skipped and the next step reads them in the same transaction', async () => {
  const { id } = await bundle.create()
  await bundle.call('workflow.start', { id, name: 'twice', inputs: { parts: ['a', 'b'] } })
  await bundle.call('task.complete', { id: await card(id, 'a') })
  await bundle.call('task.skip', { id, verdict: 'succeeded', reason: 'Enough' })
  const { walks } = await bundle.call('task.walk', { id })
  expect(walks[0]?.visits[0]).toMatchObject({ outputs: { succeeded: 1, let_go: 1 } })
  expect(await bundle.task(id)).toMatchObject({ status: 'todo', current_step_key: 'second' })
  const seen = await bundle.call('task.walk', { id: await card(id, 'b') })
  expect((await bundle.call('task.context', { id: await card(id, 'b') })).context).toContain('Read let_go')
  expect(seen.item_of?.step).toBe('second')
})

it('keeps the link of an item whose step is not over, so that it can open again', async () => {
  const { id } = await bundle.create()
  await start(id)
  const a = await card(id, 'a')
  await bundle.call('task.complete', { id: a, verdict: 'good' })
  await bundle.refused('CONFLICT', 'link.remove', { parent_id: a, child_id: id })
  await bundle.call('task.let_item_go', { id, item: 'b', reason: 'No' })
  await bundle.call('task.reopen', { id: a })
  expect((await bundle.show(id)).links.parents).toEqual([])
})

it('quotes the key of an item, which a worker chose, in a command to copy', async () => {
  const { id } = await bundle.create()
  const key = "a'$(touch x)"
  await start(id, [key])
  const given = { parent_id: await card(id, key), child_id: id }
  const { message } = await bundle.refused('CONFLICT', 'link.remove', given)
  expect(message).toContain(`runboard let-go ${id} 'a'\\''$(touch x)' --reason R`)
})
