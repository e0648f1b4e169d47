import { expect, it } from 'vitest'
import { count, plural } from './count.ts'

it.each([
  [0, '0 tasks'],
  [1, '1 task'],
  [2, '2 tasks'],
  [6751, '6,751 tasks'],
])('counts %i as “%s”', (value, words) => {
  expect(count(value, 'task')).toBe(words)
})

it('takes the plural of an irregular word from the caller', () => {
  expect(count(2, 'branch', 'branches')).toBe('2 branches')
  expect([plural(1, 'is', 'are'), plural(3, 'is', 'are')]).toEqual(['is', 'are'])
})
