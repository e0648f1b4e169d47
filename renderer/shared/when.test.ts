import { expect, it, vi } from 'vitest'
import { parseDate } from '../../contract/times.ts'
import { BAD_LENGTHS, LENGTHS } from '../../formats/testing/lengths.ts'
import { parseWhen, toLocalField } from './when.ts'

const now = Date.UTC(2026, 10, 22, 9, 0)

it.each([
  ['+2h', now + 7_200_000],
  ['+90s', now + 90_000],
  ['+1.5h', now + 5_400_000],
])('%s is that long from now', (text, at) => {
  expect(parseWhen(text, now)).toBe(at)
})

it.each(['', 'soon', '2h', '+2', '12:00', '2026-13-01T08:00'])('“%s” is not a time', (text) => {
  expect(parseWhen(text, now)).toBeNull()
})

it('the value of a date-and-time field is read back unchanged', () => {
  expect(parseWhen(toLocalField(now), 0)).toBe(now)
})

it.each(['America/New_York', 'Asia/Tokyo'])('a day alone starts at midnight in %s', (zone) => {
  vi.stubEnv('TZ', zone)
  expect(parseWhen('2026-12-24', now)).toBe(new Date(2026, 11, 24).getTime())
  vi.unstubAllEnvs()
})

it.each([
  '2026-02-31',
  '2026-02-29',
  '2026-04-31T08:00',
  '2026-12-24T25:00',
  '2026-12-24 8:00',
  '2026-12-24soon',
  '1969-12-30',
  '+999999999d',
  '2026-00-10',
])('S15: “%s” is refused here as by the doors', (text) => {
  expect(parseWhen(text, now)).toBeNull()
})

it.each(['2028-02-29', '2026-12-24 08:00', '2026-12-24T08:00:30Z', '2026-12-24T08:00+02:00'])(
  'S15: “%s” is the same time as for the doors',
  (text) => {
    expect(parseWhen(text, now)).toBe(parseDate(text))
    expect(parseDate(text)).toBeGreaterThan(now)
  },
)

it.each(LENGTHS)('B11: “+%s” is %d s from now', (text, seconds) => {
  expect(Math.ceil((parseWhen(`+${text}`, now)! - now) / 1000)).toBe(seconds)
})

it.each(BAD_LENGTHS)('B11: “+%s” is not a time', (text) => {
  expect(parseWhen(`+${text}`, now)).toBeNull()
})
