import { expect, it } from 'vitest'
import { isSame, keepSame } from './same.ts'

it('unchanged items keep their identity', () => {
  const before = [
    { id: 1, text: 'a' },
    { id: 2, text: 'b' },
  ]
  expect(
    keepSame(before, [
      { id: 1, text: 'a' },
      { id: 2, text: 'b' },
    ]),
  ).toBe(before)
  const next = keepSame(before, [
    { id: 1, text: 'a' },
    { id: 2, text: 'c' },
    { id: 3, text: 'd' },
  ])
  expect(next[0]).toBe(before[0])
  expect(next.slice(1)).toEqual([
    { id: 2, text: 'c' },
    { id: 3, text: 'd' },
  ])
})

it('a removed item or another order is a change', () => {
  const before = [{ id: 1 }, { id: 2 }]
  expect(keepSame(before, [{ id: 2 }, { id: 1 }])).toEqual([{ id: 2 }, { id: 1 }])
  expect(keepSame(before, [{ id: 1 }])).toEqual([{ id: 1 }])
  expect(isSame(null, null)).toBe(true)
})
