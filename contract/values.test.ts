import { afterEach, describe, expect, it, vi } from 'vitest'
import { blankToNull, parseDuration, parseWhen, requiredText } from './values.ts'

describe('a required text', () => {
  const title = requiredText('title', 500)

  it.each(['', ' \t\n', '\u200b', '\u200d \u2060', '\u202e\u202c', '\u3164', '\ufeff\u00ad'])(
    'text without a visible character is blank: %j',
    (text) => {
      expect(title.safeParse(text).error?.issues).toMatchObject([{ message: 'title is blank' }])
      expect(blankToNull(text)).toBeNull()
    },
  )

  it.each(['x', '👩\u200d💻', '\u200bx', 'مرحبا', '한', '.'])(
    'keeps text with a visible character: %j',
    (text) => {
      expect(title.parse(` ${text} `)).toBe(text)
      expect(blankToNull(text)).toBe(text)
    },
  )
})

describe('a duration', () => {
  it.each([
    ['90', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['1d', 86_400],
    ['1.5h', 5400],
    ['0.1s', 1],
    [' 5m ', 300],
  ])('“%s” is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each(['', 'soon', '-1h', '30m1h', '1e3', '∞', `${'9'.repeat(400)}`])(
    '“%s” is not a duration',
    (text) => {
      expect(() => parseDuration(text)).toThrow(/is not a duration/)
    },
  )
})

describe('a point in time', () => {
  const now = Date.UTC(2026, 10, 22, 9, 0)
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it.each([
    ['+2h', now + 7_200_000],
    ['+90', now + 90_000],
    ['2026-12-24T08:00Z', Date.UTC(2026, 11, 24, 8)],
    ['2026-12-24 08:00:30.5+02:00', Date.UTC(2026, 11, 24, 6, 0, 30, 500)],
    ['2028-02-29T00:00Z', Date.UTC(2028, 1, 29)],
  ])('“%s”', (text, at) => {
    expect(parseWhen(text, now)).toBe(at)
  })

  it.each(['America/New_York', 'Asia/Tokyo'])(
    'without an offset is local time in %s, and a date is the start of that day',
    (zone) => {
      vi.stubEnv('TZ', zone)
      expect(parseWhen('2026-12-24T08:00', now)).toBe(new Date(2026, 11, 24, 8).getTime())
      expect(parseWhen('2026-12-24', now)).toBe(new Date(2026, 11, 24).getTime())
    },
  )

  it.each([
    '',
    'tomorrow',
    '08:00',
    '2026-13-01',
    '2026-02-29',
    '2026-04-31T08:00',
    '2026-12-24T25:00',
    '12/24/2026',
    '+',
    '+-2h',
  ])('“%s” is not a time', (text) => {
    expect(() => parseWhen(text, now)).toThrow(/is not a (time|duration)/)
  })
})
