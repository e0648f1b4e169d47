import { expect, it } from 'vitest'
import { awakeClock } from './awake-clock.ts'

it('time advances between readings, and not over a gap in which no reading was made', () => {
  let monotonic = 1_000
  const read = awakeClock(() => monotonic)

  expect(read()).toBe(0)
  monotonic += 2_000
  expect(read()).toBe(2_000)
  // On a system whose monotonic clock advances during sleep.
  monotonic += 8 * 3_600_000
  expect(read()).toBe(2_000)
  monotonic += 15_000
  expect(read()).toBe(17_000)
})
