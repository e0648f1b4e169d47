import { describe, expect, it } from 'vitest'
import type { StepOf } from '../../contract/workflow-file.ts'
import type { ItemState } from '../../contract/workflow-kinds.ts'
import { FAN, MAPPED, PART } from '../testing/mapping.ts'
import { oneStep, walkOfItem } from './item-work.ts'
import { handoffOfItems, itemsOf, sentenceOfItems, verdictOfItems } from './items.ts'
import { begin, simulate } from './simulate.ts'
import { definitionIn } from './test-definition.ts'

const mapped = definitionIn(MAPPED)
const fan = definitionIn(FAN)

function mapOf({ steps }: typeof mapped): StepOf<'map'> {
  const found = steps.find((step) => step.kind === 'map')
  if (found === undefined) throw new Error('the workflow has no map step')
  return found
}

const texts = (parts: unknown) => itemsOf(mapOf(fan), { inputs: { parts }, step: () => undefined })

describe('the items of a list', () => {
  it.each<[string, unknown[], string[]]>([
    ['texts name themselves', ['a', ' b\nc '], ['a', 'b c']],
    ['others are numbered', [{ a: 1 }, 7, null], ['1', '2', '3']],
    ['long and empty texts are numbered', ['x'.repeat(201), ''], ['1', '2']],
    ['numbers that are keys already are passed over', [{}, '1', null, '4', {}], ['2', '1', '3', '4', '5']],
  ])('%s', (_, list, keys) => {
    const read = texts(list)
    expect('items' in read ? read.items.map(({ key }) => key) : read).toEqual(keys)
  })

  it('must be a list with different keys', () => {
    expect(texts('a')).toEqual({ problem: '“inputs.parts” is not a list.' })
    expect(texts(['a', 'a '])).toEqual({ problem: 'Two items of “inputs.parts” have the key “a”.' })
    expect(texts(undefined)).toEqual({ items: [] })
  })

  it('give their cards a title', () => {
    const read = texts([{ title: 'A\ttitle' }, 'y'.repeat(300)])
    expect('items' in read ? read.items.map(({ title }) => title.length) : read).toEqual([7, 200])
  })
})

describe('the verdict of a map step', () => {
  it.each<[ItemState[], string | null, string | null]>([
    [['succeeded', 'open'], null, null],
    [['succeeded', 'succeeded'], 'succeeded', 'succeeded'],
    [['succeeded', 'let_go'], 'succeeded', 'some_failed'],
    [['succeeded', 'failed'], 'some_failed', 'some_failed'],
    [['let_go', 'failed', 'open'], null, null],
  ])('of %j is %s by all_done, and %s by all_success', (states, allDone, allSuccess) => {
    expect(verdictOfItems({ join: 'all_done' }, states)).toBe(allDone)
    expect(verdictOfItems({ join: 'all_success' }, states)).toBe(allSuccess)
  })
})

it('limits the length of all results together', () => {
  const one = (key: string) => ({
    ...{ key, state: 'succeeded' as const, task_id: 't_1' },
    summary: 's'.repeat(9000),
    metadata: { long: 'm'.repeat(9000) },
  })
  const many = handoffOfItems(Array.from({ length: 1000 }, (_, n) => one(`k${n}`)))
  expect(JSON.stringify(many).length).toBeLessThan(400_000)
  expect(many).toMatchObject({ succeeded: 1000, failed: 0, let_go: 0 })
  const [first] = handoffOfItems([one('a')])['items'] as { summary: string; metadata: unknown }[]
  expect(first).toMatchObject({ metadata: null })
  expect(first?.summary.length).toBe(8001)
  expect(sentenceOfItems([])).toBe('There are no items.')
})

describe('a simulated walk', () => {
  const parts = (keys: string[]) => ({ parts: keys.map((key) => ({ key, what: key })) })
  const planned = (keys: string[]) => ({ verdict: 'done', metadata: parts(keys) })

  it('stops at a map with the keys of its items, and takes its verdict', () => {
    const { walk } = simulate(mapped, {}, [planned(['a', 'b'])])
    expect(walk).toMatchObject({ items: ['a', 'b'], end: null, waits: null })
    expect(simulate(mapped, {}, [planned(['a']), { verdict: 'succeeded' }]).walk).toMatchObject({ items: [] })
  })

  it('passes an empty list, with “succeeded” when “empty” has no way', () => {
    expect(simulate(mapped, {}, [planned([])]).walk.end).toEqual({ step: 'nothing', state: 'cancelled' })
    expect(begin(fan, { parts: [] }).end).toEqual({ step: 'good', state: 'succeeded' })
  })

  it('waits for a person when the items cannot be made', () => {
    const { walk, used } = simulate(mapped, {}, [planned(['a', 'a']), { verdict: 'succeeded' }])
    expect(used).toBe(1)
    expect(walk.waits?.sentence).toContain('Two items')
    expect(walk.visits.at(-1)).toMatchObject({ step: 'parts', verdict: null })
  })

  it('combines the states of its items into a verdict', () => {
    const end = (items: Record<string, 'failed' | 'let_go'>) =>
      simulate(mapped, {}, [planned(['a', 'b']), { items }]).walk.visits.at(-2)
    expect(end({})).toMatchObject({ verdict: 'succeeded', metadata: { succeeded: 2 } })
    expect(end({ b: 'failed' })).toMatchObject({ verdict: 'some_failed', metadata: { failed: 1 } })
    expect(end({ b: 'let_go' })).toMatchObject({ verdict: 'succeeded' })
    expect(() => end({ z: 'failed' } as never)).toThrow('has no item “z”; it has a, b')
    expect(() => simulate(mapped, {}, [{ items: {} }])).toThrow('the step plan has no items')
  })

  it('makes other items after it goes back', () => {
    const { walk } = simulate(mapped, {}, [planned(['a']), { verdict: 'some_failed' }, planned(['b'])])
    expect(walk.items).toEqual(['b'])
    expect(walk.visits.map(({ step, visit }) => `${step} ${visit}`)).toEqual([
      'plan 1',
      'parts 1',
      'plan 2',
      'parts 2',
    ])
  })
})

describe('the work of an item', () => {
  const item = { key: 'a', position: 1, input: 'a "b" {{inputs.x}}', after: [], title: 'a', project: null }
  const part = definitionIn(PART)
  const walk = { definition: fan, inputs: { parts: ['a'] }, visits: [] }

  it('puts the item into the inputs of its workflow, as data', () => {
    const step = { ...mapOf(fan), with: { goal: 'do {{item}}' } }
    const found = walkOfItem(step, item, walk, {}, { definition: part, roles: { builder: 'b' } })
    expect(found).toEqual({
      definition: part,
      inputs: { goal: 'do a "b" {{inputs.x}}' },
      roles: { builder: 'b' },
    })
  })

  it('names the input that does not fit', () => {
    const step = { ...mapOf(fan), with: { goal: '{{item.what}}' } }
    expect(walkOfItem(step, item, walk, {}, { definition: part, roles: {} })).toEqual({
      problem: 'The item “a” of “fan”: the input “goal” of “part”: a value is required.',
    })
  })

  it('gives no item to a profile of Runboard’s own', () => {
    const step = { ...mapOf(mapped), do: { profile: '{{item}}', prompt: 'x', workspace: 'own' as const } }
    const own = { ...item, input: 'runboard:check' }
    expect(walkOfItem(step, own, { ...walk, definition: mapped }, {}, null)).toMatchObject({
      problem: expect.stringContaining('cannot be done by “runboard:check”') as string,
    })
  })

  it('is a workflow of one step when the file describes the work', () => {
    const made = oneStep(mapped, mapOf(mapped))
    expect(made).toMatchObject({ name: 'mapped-parts', title: 'Mapped: parts' })
    expect(oneStep(mapped, mapOf(mapped))).toBe(made)
  })
})
