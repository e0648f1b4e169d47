import { describe, expect, it } from 'vitest'
import { duration, durationIn, readDuration, roughly, secondsLeft, timeLeft, wholeUnits } from './time.ts'
import { BAD_LENGTHS, LENGTHS } from './testing/lengths.ts'

it.each([
  [-5, '0 ms'],
  [850, '850 ms'],
  [4_200, '4.2 s'],
  [5_000, '5 s'],
  [42_900, '42 s'],
  [60_000, '1 min'],
  [80_000, '1 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%i ms last %s', (milliseconds, words) => {
  expect(duration(milliseconds)).toBe(words)
})

it.each([
  [42_900, '42 s'],
  [299_000, '4 min'],
  [12_000_000, '3 h'],
  [1_040_000_000, '12 d'],
])('%i ms are %s old', (milliseconds, words) => {
  expect(wholeUnits(milliseconds)).toBe(words)
})

it.each([
  [0, '0 s'],
  [1, '1 s'],
  [41_200, '42 s'],
  [89_000, '89 s'],
  [90_000, '2 min'],
  [120_000, '2 min'],
  [5_399_000, '90 min'],
  [5_400_000, '2 h'],
  [7_200_000, '2 h'],
  [200_000_000, '2 d'],
  [259_200_000, '3 d'],
  [400_000_000, '5 d'],
])('%i ms are about %s', (milliseconds, words) => {
  expect(roughly(milliseconds)).toBe(words)
})

describe('B11: a length of time that is typed', () => {
  it.each(LENGTHS)('“%s” is %d s', (text, seconds) => {
    expect(readDuration(text)).toBe(seconds)
    expect(Math.ceil(durationIn(text)! / 1000)).toBe(seconds)
  })

  it('“90” is seconds where these are the unit, and else no length', () => {
    expect([readDuration('90'), durationIn('90')]).toEqual([90, null])
  })

  it.each(BAD_LENGTHS)('“%s” is refused', (text) => {
    expect([readDuration(text), durationIn(text)]).toEqual([null, null])
  })

  it.each([850, 5_000, 80_000, 7_500_000, 273_600_000])(
    'what is printed for %i ms is read back',
    (milliseconds) => {
      expect(durationIn(duration(milliseconds))).toBe(milliseconds)
    },
  )
})

it.each([
  [-1, 0, '0 s'],
  [1, 1, '1 s'],
  [4_001, 5, '5 s'],
  [9_999, 10, '10 s'],
  [10_000, 10, '10 s'],
  [80_000, 80, '1 min 20 s'],
])('a countdown of %i ms shows %i seconds, or “%s”', (milliseconds, seconds, text) => {
  expect([secondsLeft(milliseconds), timeLeft(milliseconds)]).toEqual([seconds, text])
})
