import { expect, it } from 'vitest'
import { layOutSteps, type Step, STEP } from './layout-steps.ts'

const step = (key: string, ways: Step['ways'] = []): Step => ({
  ...{ key, kind: ways.length === 0 ? 'end' : 'work', stage: null, title: null, who: null },
  ways,
})
const way = (verdict: string, to: string, max_rounds: number | null = null) => ({ verdict, to, max_rounds })

it('places steps from left to right, and joins verdicts that lead to one step', () => {
  const drawn = layOutSteps([
    step('build', [way('done', 'test')]),
    step('test', [way('passed', 'over'), way('failed', 'fix', 3)]),
    step('fix', [way('done', 'test'), way('gave_up', 'over'), way('no', 'over')]),
    step('over'),
  ])
  const at = Object.fromEntries(drawn.steps.map(({ key, x }) => [key, x]))
  expect(at['build']).toBeLessThan(at['test'] ?? 0)
  expect(at['test']).toBeLessThan(at['over'] ?? 0)
  expect(drawn.ways.map(({ from, isBack, label, to }) => [from, to, label, isBack])).toEqual([
    ['build', 'test', 'done', false],
    ['test', 'over', 'passed', false],
    ['test', 'fix', 'failed ≤ 3', true],
    ['fix', 'test', 'done', false],
    ['fix', 'over', 'gave up, no', false],
  ])
  for (const { path } of drawn.ways) expect(path).toMatch(/^M[\d.]+,[\d.]+( L[\d.]+,[\d.]+)+$/)
  for (const { x, y } of drawn.steps) {
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x + STEP.width).toBeLessThanOrEqual(drawn.width)
    expect(y + STEP.height).toBeLessThanOrEqual(drawn.height)
  }
})

it('places the steps from top to bottom where they are too wide beside each other', () => {
  const chain = ['plan', 'build', 'test', 'review', 'merge'].map((key, at, keys) =>
    step(key, keys[at + 1] === undefined ? [] : [way('done', keys[at + 1] ?? '')]),
  )
  const wide = layOutSteps(chain)
  const narrow = layOutSteps(chain, wide.width - 1)
  expect([wide.direction, layOutSteps(chain, wide.width).direction, narrow.direction]).toEqual([
    'right',
    'right',
    'down',
  ])
  expect(narrow.width).toBeLessThan(300)
  const tops = narrow.steps.map(({ y }) => y)
  expect(tops).toEqual([...tops].sort((a, b) => a - b))
})

it('draws a way from a step to itself, and leaves out a way to an unknown step', () => {
  const drawn = layOutSteps([step('again', [way('more', 'again', 2), way('lost', 'gone')])])
  expect(drawn.ways.map(({ to }) => to)).toEqual(['again'])
})
