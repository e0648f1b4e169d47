import { beforeEach, describe, expect, it } from 'vitest'
import { addMaps, itemCards } from '../testing/mapping.ts'
import { type Setup, setup } from '../testing/setup.ts'

let bundle: Setup
let id: string

beforeEach(async () => {
  bundle = await setup()
  await addMaps(bundle)
  id = (await bundle.create('A card')).id
})

/** A workflow that runs another one for each item of its input. */
const over = (
  name: string,
  does: string,
  more = '',
  inputs = 'parts: {type: list, required: true}',
) => `runboard: 1
name: ${name}
title: ${name}
inputs: {${inputs}}
${more}
steps:
  - key: each
    kind: map
    over: inputs.parts
    do: ${does}
    with: {${does === 'part' ? 'goal: "{{item}}"' : 'parts: "{{inputs.parts}}"'}}
    on: {succeeded: over, some_failed: over}
  - {key: over, kind: end, state: succeeded}
`

async function add(...files: string[]): Promise<void> {
  for (const file of files) await bundle.call('workflow.add', { file, replace: true })
}

async function refusal(name: string, given: Record<string, unknown> = {}): Promise<string> {
  const input = { id, name, inputs: { parts: ['x'] }, roles: { builder: 'builder' }, ...given }
  const error = await bundle.refused(
    given['roles'] === undefined ? 'CONFLICT' : 'INVALID_INPUT',
    'workflow.start',
    input,
  )
  return error.message
}

describe('a start', () => {
  it('is refused when workflows lead back to each other', async () => {
    await add(over('one', 'two'), over('two', 'one'))
    expect(await refusal('one')).toContain('which is a loop: one → two → one')
  })

  it('is refused when items are nested too deep', async () => {
    await add(over('a', 'b'), over('b', 'c'), over('c', 'd'), over('d', 'e'), over('e', 'part'))
    expect(await refusal('a')).toContain('at most 4 deep: a → b → c → d → e → part')
    await bundle.call('workflow.start', {
      id,
      name: 'b',
      inputs: { parts: ['x'] },
      roles: { builder: 'builder' },
    })
  })

  it('is refused when the workflow of items does not exist', async () => {
    await add(over('one', 'nothing'))
    const input = { id, name: 'one', inputs: { parts: ['x'] } }
    expect((await bundle.refused('NOT_FOUND', 'workflow.start', input)).message).toContain('“nothing”')
  })

  it('is refused when an input for the workflow of items is unknown or missing', async () => {
    await add(over('one', 'part').replace('goal:', 'aim:'))
    expect(await refusal('one')).toContain('gives “part” the input “aim”, which it does not have')
    await add(over('one', 'part').replace('    with: {goal: "{{item}}"}\n', ''))
    expect(await refusal('one')).toContain('“part” needs the input “goal”')
  })

  it('is refused for a role that nothing uses', async () => {
    await add(over('one', 'part', 'roles: {tester: {}}'))
    expect(await refusal('one')).toContain('The role “tester” of “one” has no effect')
    await add(over('one', 'part'))
    expect(await refusal('one', { roles: { tester: 'builder' } })).toContain('it has builder')
  })
})

it('gives roles of the same name the same profile at every level', async () => {
  await add(over('inner', 'part'), over('outer', 'inner', 'roles: {builder: {}}'))
  await bundle.call('workflow.start', {
    id,
    name: 'outer',
    inputs: { parts: ['x', 'y'] },
    roles: { builder: 'planner' },
  })
  const inner = (await itemCards(bundle, id)).get('x') ?? ''
  const part = (await itemCards(bundle, inner)).get('y') ?? ''
  expect(await bundle.task(part)).toMatchObject({ assignee: 'planner', current_step_key: 'build' })
  for (const carrier of (await itemCards(bundle, id)).values())
    for (const one of (await itemCards(bundle, carrier)).values()) {
      const { worker } = await bundle.claim(one, 'planner')
      await bundle.call('task.complete', { id: one, verdict: 'good' }, worker)
    }
  expect(await bundle.task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
})

it('makes items with the version of their workflow from the start', async () => {
  const ask = '  - {key: ask, kind: approve, question: Now?, on: {approved: each}}\n'
  await add(over('one', 'part').replace('steps:\n', `steps:\n${ask}`))
  await bundle.call('workflow.start', {
    id,
    name: 'one',
    inputs: { parts: ['x'] },
    roles: { builder: 'builder' },
  })
  const { file } = await bundle.call('workflow.export', { name: 'part' })
  await add(file.replace('Build {{inputs.goal}}', 'Paint {{inputs.goal}}'))
  await bundle.call('task.approve', { id })
  const card = (await itemCards(bundle, id)).get('x') ?? ''
  expect((await bundle.call('task.context', { id: card })).context).toContain('Build x')
})
