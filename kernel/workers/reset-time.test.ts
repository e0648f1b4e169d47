import { describe, expect, test } from 'vitest'
import { parseReset } from './reset-time.ts'

describe('the end of a rate limit', () => {
  const now = Date.UTC(2026, 10, 22, 12)
  const at = now + 3_600_000
  const hours = (count: number) => now + count * 3_600_000

  test.each([
    [`Claude AI usage limit reached|${at / 1000}`, at],
    [`limit resets at ${at / 1000}`, at],
    [`{"type":"usage_limit_reached","resets_at":${at / 1000}}`, at],
    ['"plan_type":"plus","resets_in_seconds":3600', at],
    [`quota resets at ${new Date(at).toISOString()}`, at],
    ['429: retry after 90', now + 90_000],
    ['Retry-After: 120', now + 120_000],
    ['Rate limited. Try again in 2 minutes.', now + 120_000],
    ['please try again in 1.5s', now + 1_500],
    ['Please try again in 6m0s.', now + 360_000],
    ['Please try again in 250ms.', now + 250],
    ['Your quota resets in 2h15m30s', now + 8_130_000],
    ['or try again in 5 days 22 hours 11 minutes.', hours(142) + 11 * 60_000],
    ['or try again in 3 hours and 2 minutes.', hours(3) + 120_000],
    // In UTC it is noon, in Berlin one o’clock, in Auckland one in the next night.
    ["You've hit your session limit · resets 2pm (Europe/Berlin)", hours(1)],
    ["You've hit your session limit · resets 1pm (Europe/Berlin)", hours(24)],
    ["You've hit your limit · resets 12:30am (Pacific/Auckland)", hours(23.5)],
    ["You've hit your limit · resets Nov 25, 11:30am (Asia/Calcutta)", Date.UTC(2026, 10, 25, 6)],
    ['Access resets at 10:57 AM GMT-3.', Date.UTC(2026, 10, 22, 13, 57)],
    ['try again at Dec 5th, 2026 8:19 PM UTC', Date.UTC(2026, 11, 5, 20, 19)],
    ['try again at Nov 27, 2026, 7:38 AM GMT', Date.UTC(2026, 10, 27, 7, 38)],
    ['resets at 12am UTC', hours(12)],
  ])('is read from “%s”', (line, expected) => {
    expect(parseReset(['first', line, 'last'], now)).toBe(expected)
  })

  test('without a zone is by the clock of this machine', () => {
    const local = new Date(now)
    local.setHours(local.getHours() + 2, 0, 0, 0)
    const hour = local.getHours()
    const text = `resets at ${hour % 12 === 0 ? 12 : hour % 12}:00 ${hour < 12 ? 'AM' : 'PM'}`
    expect(parseReset([text], now)).toBe(local.getTime())
  })

  test('in the next year is not taken for one in this', () => {
    const eve = Date.UTC(2026, 11, 31, 12)
    expect(parseReset(['resets Jan 2, 1pm (UTC)'], eve)).toBe(Date.UTC(2027, 0, 2, 13))
  })

  test('where summer time ends before it is an hour later than a day has hours', () => {
    const saturday = Date.UTC(2026, 9, 24, 20)
    expect(parseReset(['resets Oct 25, 9am (Europe/Berlin)'], saturday)).toBe(Date.UTC(2026, 9, 25, 8))
  })

  test.each([
    'rate limit',
    'resets at 1000000000',
    'retry after lunch',
    'try again in 3 fortnights',
    'resets at 2090-01-01T00:00:00Z',
    'resets 3pm (Middle/Earth)',
    'try again at Jul 5th, 2026 8:19 PM UTC',
  ])('is unknown from “%s”', (line) => {
    expect(parseReset([line], now)).toBeNull()
  })
})
