import { describe, expect, it } from 'vitest'
import { aTask } from '../runs/test-runs.ts'
import { EDITABLE_FACTS, parseSeconds, typedSeconds } from './facts.ts'

function fact(key: string) {
  const found = EDITABLE_FACTS.find((candidate) => candidate.key === key)
  if (found === undefined) throw new Error(key)
  return found
}

describe('facts that are edited in place', () => {
  it('survive a round trip through their text', () => {
    const task = aTask({
      priority: 5,
      max_runtime_seconds: 5400,
      max_retries: 2,
      skills: ['a', 'b'],
      tenant: 'web',
    })
    for (const { key, typed, parse } of EDITABLE_FACTS)
      expect(parse(typed(task))).toEqual({ [key]: task[key] })
  })

  it('say what was expected', () => {
    expect(fact('priority').parse('highest')).toBe(
      'Enter Urgent, High, Normal, Low, or a whole number; higher runs first.',
    )
    expect(fact('max_retries').parse('0')).toBe('Enter a whole number, 1 or more.')
    expect(fact('max_runtime_seconds').parse('soon')).toBe('Enter a duration: 90s, 30m, 1h30m, 2d.')
  })

  it('are removed by emptying the field', () => {
    expect(fact('max_runtime_seconds').parse(' ')).toEqual({ max_runtime_seconds: null })
    expect(fact('tenant').parse('')).toEqual({ tenant: null })
    expect(fact('skills').parse('')).toEqual({ skills: [] })
  })
})

it('durations are typed with their unit', () => {
  expect(['90', '30m', '1.5h', '1d', '0', 'x'].map(parseSeconds)).toEqual([
    90,
    1800,
    5400,
    86_400,
    null,
    null,
  ])
  expect([90, 1800, 7200, 86_400, 61].map(typedSeconds)).toEqual(['90s', '30m', '2h', '1d', '61s'])
})
