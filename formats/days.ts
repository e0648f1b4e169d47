import { DAY, HOUR } from './time.ts'

/** A day of a time zone, from its first moment until the one of the next day, in milliseconds since the epoch. */
export interface CalendarDay {
  /** `2026-12-24` */
  name: string
  since: number
  until: number
}

/**
 * @param now a moment of the last day
 * @param zone as Intl knows it: `Europe/Berlin`
 * @returns the last `count` days, oldest first. Days on which the clock changes have 23 or 25 hours.
 */
export function lastDays(now: number, count: number, zone: string): CalendarDay[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const nameAt = (at: number) => format.format(at)
  const today = Date.parse(`${nameAt(now)}T00:00Z`)
  const names = Array.from({ length: count + 1 }, (_, index) => {
    return new Date(today + (index + 1 - count) * DAY).toISOString().slice(0, 10)
  })
  const starts = names.map((name) => startOf(name, nameAt))
  return names.slice(0, count).map((name, index) => ({
    name,
    since: starts[index] ?? now,
    until: starts[index + 1] ?? now,
  }))
}

/** The first moment of a day. It begins at most 14 hours before and 12 hours after the same day in UTC. */
function startOf(name: string, nameAt: (at: number) => string): number {
  let [before, within] = [Date.parse(`${name}T00:00Z`) - 15 * HOUR, Date.parse(`${name}T00:00Z`) + 13 * HOUR]
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (nameAt(middle) < name) before = middle
    else within = middle
  }
  return within
}
