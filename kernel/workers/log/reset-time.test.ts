import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { readReset } from './reset-time.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A Sunday, at noon in UTC: one o’clock in Berlin, one in the next night in Auckland. */
const NOON = Date.UTC(2026, 10, 22, 12)
const epoch = (NOON + HOUR) / SECOND

/** A tool's text, and how long after noon the limit ends. */
type Row = [said: string, after: number]

const DURATIONS: Row[] = [
  ['429: retry after 90', 90 * SECOND],
  ['Retry-After: 120', 120 * SECOND],
  ['retry-after-ms: 880', 880],
  ['retry_after_seconds=12', 12 * SECOND],
  ['"plan_type":"plus","resets_in_seconds":3600', HOUR],
  ['Rate limited. Try again in 2 minutes.', 2 * MINUTE],
  ['please try again in 1.5s', 1500],
  ['Please try again in 6m0s.', 6 * MINUTE],
  ['Rate limit reached. Please try again in 880ms.', 880],
  ['Your quota resets in 2h15m30s', 2 * HOUR + 15 * MINUTE + 30 * SECOND],
  ['Your quota will reset after 2h52m39s.', 2 * HOUR + 52 * MINUTE + 39 * SECOND],
  ['or try again in 3 days 2 hours 5 minutes.', 3 * DAY + 2 * HOUR + 5 * MINUTE],
  ['or try again in 3 hours and 2 minutes.', 3 * HOUR + 2 * MINUTE],
  ['try again in 1 week', 7 * DAY],
  ['try again in less than a minute', MINUTE],
  ['resets in an hour', HOUR],
  ['try again in half an hour', HOUR / 2],
  ['Please wait a few minutes', 5 * MINUTE],
  ['wait 30 seconds', 30 * SECOND],
  ['{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay": "41s"}', 41 * SECOND],
  ['x-ratelimit-reset-tokens: 6m0s', 6 * MINUTE],
  ['ratelimit-reset: 41', 41 * SECOND],
]

const MOMENTS: Row[] = [
  [`Claude AI usage limit reached|${epoch}`, HOUR],
  [`limit resets at ${epoch}`, HOUR],
  [`{"type":"usage_limit_reached","resets_at":${epoch}}`, HOUR],
  [`"resetsAt":${epoch}`, HOUR],
  [`resets_at: ${epoch}000`, HOUR],
  [`anthropic-ratelimit-unified-reset: ${epoch}`, HOUR],
  ['quota resets at 2026-11-22T13:00:00.000Z', HOUR],
  ['resets at 2026-11-22 15:00:00+02:00', HOUR],
  ['resets at 2026-11-22 13:00:00 UTC', HOUR],
  ['Retry-After: Sun, 22 Nov 2026 13:00:00 GMT', HOUR],
  ['Rate limit exceeded, retry after 2026-11-22T12:00:41Z', 41 * SECOND],
]

/** With a zone in the text: the machine’s makes no difference. */
const ZONED: Row[] = [
  ["You've hit your session limit · resets 2pm (Europe/Berlin)", HOUR],
  ["You've hit your session limit · resets 1pm (Europe/Berlin)", DAY],
  ["You've hit your limit · resets 12:30am (Pacific/Auckland)", 23.5 * HOUR],
  ["You've hit your limit · resets Nov 25, 11:30am (Asia/Calcutta)", 2 * DAY + 18 * HOUR],
  ['resets 5pm Europe/Berlin', 4 * HOUR],
  ['resets 5pm PST', 13 * HOUR],
  ['resets 5pm (PST)', 13 * HOUR],
  ['resets 5pm Pacific Time', 13 * HOUR],
  ['resets 5am (Pacific Time)', HOUR],
  ['resets Mon 3pm (Asia/Tokyo)', 18 * HOUR],
  ['resets tomorrow at 9am (Pacific/Auckland)', DAY + 8 * HOUR],
  ['resets tomorrow at 9am PST', DAY + 5 * HOUR],
  ['Access resets at 10:57 AM GMT-3.', HOUR + 57 * MINUTE],
  ['resets 9am UTC+2', 19 * HOUR],
  ['try again at Dec 5th, 2026 8:19 PM UTC', 13 * DAY + 8 * HOUR + 19 * MINUTE],
  ['try again at Nov 27, 2026, 7:38 AM GMT', 4 * DAY + 19 * HOUR + 38 * MINUTE],
  ['resets at 12am UTC', 12 * HOUR],
  ['resets at 12pm UTC', DAY],
]

/** On the clock of the machine, whose zone is given. */
const LOCAL: [zone: string, ...Row][] = [
  ['UTC', 'resets 21:00', 9 * HOUR],
  ['UTC', 'resets 12:00', DAY],
  ['UTC', 'resets at noon', DAY],
  ['UTC', 'resets at midnight', 12 * HOUR],
  ['UTC', 'resets Mon 3pm', DAY + 3 * HOUR],
  ['UTC', 'resets 3pm on Monday', DAY + 3 * HOUR],
  ['UTC', 'resets Sun 11am', 6 * DAY + 23 * HOUR],
  ['UTC', 'resets tomorrow at 9am', 21 * HOUR],
  ['UTC', 'Try again tomorrow', 12 * HOUR],
  ['UTC', 'try again at 2:15 PM.', 2 * HOUR + 15 * MINUTE],
  ['UTC', 'resets Dec 1', 8 * DAY + 12 * HOUR],
  ['UTC', 'session resets 2:30pm, weekly resets Nov 25', 2 * HOUR + 30 * MINUTE],
  ['Europe/Berlin', 'resets 21:00', 8 * HOUR],
  ['Europe/Berlin', 'resets 1pm', DAY],
  ['Europe/Berlin', 'resets tomorrow at 9am', 20 * HOUR],
  ['America/Los_Angeles', 'resets 5am', HOUR],
  ['America/Los_Angeles', 'resets 3:59am', DAY - MINUTE],
  ['America/Los_Angeles', 'resets Mon 3pm', DAY + 11 * HOUR],
  ['Pacific/Auckland', 'resets 2am', HOUR],
  ['Pacific/Auckland', 'resets Mon 3pm', 14 * HOUR],
  ['Pacific/Auckland', 'resets tomorrow at 9am', DAY + 8 * HOUR],
  ['Asia/Kathmandu', 'resets 6pm', 15 * MINUTE],
]

const after = async (said: string, zone?: string, now = NOON) => {
  const { at } = await readReset(['first', said, 'last'], now, zone)
  return at === null ? null : at - now
}

describe('A4: the end of a rate limit is read from', () => {
  it.each([...DURATIONS, ...MOMENTS, ...ZONED])('“%s”', async (said, expected) => {
    for (const zone of ['UTC', 'America/Los_Angeles', 'Pacific/Auckland']) {
      expect(await after(said, zone)).toBe(expected)
    }
  })

  it.each(LOCAL)('a clock in %s: “%s”', async (zone, said, expected) => {
    expect(await after(said, zone)).toBe(expected)
  })

  it.each(['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Pacific/Auckland'])(
    'the clock of a machine that is set to %s',
    (zone) => {
      const program = `import { readReset } from ${JSON.stringify(new URL('reset-time.ts', import.meta.url).href)}
        const said = ['resets 21:00', 'resets Mon 3pm', 'resets tomorrow at 9am', 'resets 5pm PST']
        const read = said.map(async (line) => (await readReset([line], ${NOON})).at)
        console.log(JSON.stringify(await Promise.all(read)))`
      const env = { ...process.env, TZ: zone }
      const flags = ['--no-warnings', '--input-type=module', '-e', program]
      const read = JSON.parse(execFileSync(process.execPath, flags, { env, encoding: 'utf8' })) as number[]
      const inZone = (at: number) =>
        new Intl.DateTimeFormat('en-GB', {
          timeZone: zone,
          weekday: 'short',
          hour: '2-digit',
          minute: '2-digit',
        })
          .format(at)
          .replace(',', '')
      const [evening = 0, monday = 0, tomorrow = 0, pacific] = read
      expect(inZone(evening)).toMatch(/ 21:00$/)
      expect(inZone(monday)).toBe('Mon 15:00')
      expect(inZone(tomorrow)).toBe(zone === 'Pacific/Auckland' ? 'Tue 09:00' : 'Mon 09:00')
      expect(pacific).toBe(NOON + 13 * HOUR)
    },
  )

  it('the next year if the day is over in this one', async () => {
    const eve = Date.UTC(2026, 11, 31, 12)
    expect(await after('resets Jan 2, 1pm (UTC)', 'UTC', eve)).toBe(2 * DAY + HOUR)
  })

  it.each([
    [
      'summer time ends before it',
      Date.UTC(2026, 9, 24, 20),
      'resets Oct 25, 9am (Europe/Berlin)',
      12 * HOUR,
    ],
    ['summer time begins before it', Date.UTC(2026, 2, 28, 20), 'resets 9am (Europe/Berlin)', 11 * HOUR],
    [
      'it is in the hour that summer time leaves out',
      Date.UTC(2026, 2, 28, 20),
      'resets 2:30am (Europe/Berlin)',
      5.5 * HOUR,
    ],
    [
      'it is in the hour that is there twice',
      Date.UTC(2026, 10, 1, 4),
      'resets 1:30am (America/New_York)',
      1.5 * HOUR,
    ],
  ])('a clock in a zone where %s', async (_, now, said, expected) => {
    expect(await after(said, 'UTC', now)).toBe(expected)
  })

  it('the last line that names a time, and for an error from its message before its headers', async () => {
    expect(await readReset(['retry after 90', 'retry after 60'], NOON)).toMatchObject({ at: NOON + 60_000 })
    const headers = 'x-ratelimit-reset-tokens: 6m0s\nretry-after: 41'
    expect(await readReset([headers, 'Slow down.'], NOON)).toMatchObject({ at: NOON + 41_000 })
    expect(await readReset([headers, 'Try again in 2s'], NOON)).toMatchObject({ at: NOON + 2_000 })
  })

  it.each([
    'rate limit',
    'resets at 1000000000',
    'retry after lunch',
    'retry 3 of 10',
    'try again in 3 fortnights',
    'try again later',
    'try again later today',
    'reset your password',
    'resets 3pm (Middle/Earth)',
    'try again at Jul 5th, 2026 8:19 PM UTC',
    'retry after 0',
  ])('nothing in “%s”', async (said) => {
    expect(await readReset([said], NOON, 'UTC')).toEqual({ at: null, refused: null })
  })

  it.each([
    ['resets at 2090-01-01T00:00:00Z'],
    ['try again in 900 days'],
    ['retry after 99999999'],
    ['"resetsAt":4102444800'],
  ])('nothing in “%s”, which lies too far ahead, and reports that', async (said) => {
    expect(await readReset([said], NOON)).toEqual({ at: null, refused: said })
  })
})

describe('A4: hostile output', () => {
  const bits = [
    'resets ',
    'a_',
    'retry-',
    'resets 1 1 1 ',
    '"',
    'resets at 5 days ',
    'resets      ',
    'retry_after_a',
    '|1',
    'try again monday ',
    'reset:',
    'resets tomorrow at 9am and ',
    'resets (a ',
  ]

  it.each(bits)('of “%s” is read in time that does not grow with it', async (bit) => {
    const time = async (length: number) => {
      const line = bit.repeat(Math.ceil(length / bit.length))
      const texts = [line, ...Array.from({ length: 100 }, () => line.slice(0, 2000))]
      const start = performance.now()
      await readReset(texts, NOON, 'UTC')
      return performance.now() - start
    }
    await time(1000)
    const short = await time(10_000)
    expect(await time(4_000_000)).toBeLessThan(10 * short + 500)
  })
})
