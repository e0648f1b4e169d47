import { expect, it } from 'vitest'
import { percentile } from './percentile.ts'

it.each([
  [[7], 50, 7],
  [[7], 90, 7],
  [[4, 1, 3, 2], 50, 2],
  [[5, 1, 4, 2, 3], 50, 3],
  [[10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 90, 9],
  [[1, 2], 100, 2],
  [[1, 2], 0, 1],
  [[], 50, null],
])('of %j at %i %% is %s', (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected)
})
