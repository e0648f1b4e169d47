import { describe, expect, it } from 'vitest'
import { HOUR } from './time.ts'
import { lastDays } from './days.ts'

describe('the last days in a time zone', () => {
  it('end with the day of now, in that zone', () => {
    const now = Date.parse('2026-11-22T23:30Z')
    expect(lastDays(now, 2, 'UTC').map(({ name }) => name)).toEqual(['2026-11-21', '2026-11-22'])
    expect(lastDays(now, 2, 'Europe/Berlin').map(({ name }) => name)).toEqual(['2026-11-22', '2026-11-23'])
    expect(lastDays(now, 1, 'America/New_York')).toEqual([
      {
        name: '2026-11-22',
        since: Date.parse('2026-11-22T05:00Z'),
        until: Date.parse('2026-11-23T05:00Z'),
      },
    ])
  })

  it.each([
    ['Europe/Berlin', '2026-03-30T12:00Z', [24, 23, 24]],
    ['Europe/Berlin', '2026-10-26T12:00Z', [24, 25, 24]],
    // Midnight does not exist on the day on which the clock changes.
    ['Africa/Cairo', '2026-04-25T12:00Z', [24, 23, 24]],
    ['Pacific/Kiritimati', '2026-11-22T12:00Z', [24, 24, 24]],
    ['Etc/GMT+12', '2026-11-22T12:00Z', [24, 24, 24]],
  ])('have the length that they have in %s', (zone, now, hours) => {
    const days = lastDays(Date.parse(now), 3, zone)
    expect(days.map(({ since, until }) => (until - since) / HOUR)).toEqual(hours)
    expect(days.slice(1).map(({ since }) => since)).toEqual(days.slice(0, -1).map(({ until }) => until))
  })
})
