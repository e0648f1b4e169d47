import { expect, it } from 'vitest'
import { age, bytes, duration, relativeTime, stopwatch } from './time.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

it.each([
  [0, 'now'],
  [42 * SECOND, '42 s'],
  [MINUTE, '1 min'],
  [59 * MINUTE + 59 * SECOND, '59 min'],
  [25 * HOUR, '1 d'],
  [59 * DAY, '59 d'],
  [70 * DAY, '10 wk'],
])('formats an age of %i ms as %s', (milliseconds, text) => {
  expect(age(milliseconds)).toBe(text)
})

it.each([
  [0, '0 ms'],
  [850, '850 ms'],
  [4260, '4.2 s'],
  [42_900, '42 s'],
  [MINUTE + 20 * SECOND, '1 min 20 s'],
  [2 * HOUR, '2 h'],
  [2 * HOUR + 5 * MINUTE, '2 h 5 min'],
  [3 * DAY + 4 * HOUR, '3 d 4 h'],
])('formats a duration of %i ms as %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text)
})

it.each([
  [0, '0:00'],
  [42_999, '0:42'],
  [12 * MINUTE + 5 * SECOND, '12:05'],
  [HOUR + 2 * MINUTE + 33 * SECOND, '1:02:33'],
])('formats a stopwatch at %i ms as %s', (milliseconds, text) => {
  expect(stopwatch(milliseconds)).toBe(text)
})

it('future times have the same form as past ones', () => {
  expect([relativeTime(10 * MINUTE, 0), relativeTime(0, 10 * MINUTE), relativeTime(0, 1)]).toEqual([
    'in 10 min',
    '10 min ago',
    'just now',
  ])
})

it.each([
  [512, '512 B'],
  [4300, '4.2 KB'],
  [180 * 2 ** 20, '180 MB'],
])('formats %i bytes as %s', (value, text) => {
  expect(bytes(value)).toBe(text)
})
