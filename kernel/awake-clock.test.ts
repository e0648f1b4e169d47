import { expect, test } from 'vitest'
import { awakeClock } from './awake-clock.ts'

test('time goes on while somebody looks, and not over a gap that nobody was awake in', () => {
  let monotonic = 1_000
  const read = awakeClock(() => monotonic)

  expect(read()).toBe(0)
  monotonic += 2_000
  expect(read()).toBe(2_000)
  // Where the monotonic clock goes on in sleep.
  monotonic += 8 * 3_600_000
  expect(read()).toBe(2_000)
  monotonic += 15_000
  expect(read()).toBe(17_000)
})
