import { expect, test, vi } from 'vitest'
import { parseWhen, toLocalField } from './when.ts'

const now = Date.UTC(2026, 10, 22, 9, 0)

test.each([
  ['+2h', now + 7_200_000],
  ['+90s', now + 90_000],
  ['+1.5h', now + 5_400_000],
])('%s is that long from now', (text, at) => {
  expect(parseWhen(text, now)).toBe(at)
})

test.each(['', 'soon', '2h', '+2', '12:00', '2026-13-01T08:00'])('“%s” is no time', (text) => {
  expect(parseWhen(text, now)).toBeNull()
})

test('what a field of date and time shows is read as it was', () => {
  expect(parseWhen(toLocalField(now), 0)).toBe(now)
})

test.each(['America/New_York', 'Asia/Tokyo'])('a day alone begins at midnight in %s', (zone) => {
  vi.stubEnv('TZ', zone)
  expect(parseWhen('2026-12-24', now)).toBe(new Date(2026, 11, 24).getTime())
  vi.unstubAllEnvs()
})
