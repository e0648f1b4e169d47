import type { AppSettings } from '../../contract/index.ts'

/** @returns the minute of the day of a time `HH:MM` */
function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return 60 * hours + minutes
}

/**
 * @param now milliseconds since the epoch
 * @returns when the current quiet hours end, by the local clock; null outside of them
 */
export function quietUntil(
  { quiet_from, quiet_until }: Pick<AppSettings, 'quiet_from' | 'quiet_until'>,
  now: number,
): number | null {
  if (quiet_from === null || quiet_until === null || quiet_from === quiet_until) return null
  const date = new Date(now)
  const [from, until, minute] = [
    minuteOf(quiet_from),
    minuteOf(quiet_until),
    60 * date.getHours() + date.getMinutes(),
  ]
  const overMidnight = from > until
  const isQuiet = overMidnight ? minute >= from || minute < until : minute >= from && minute < until
  if (!isQuiet) return null
  const end = new Date(now)
  end.setHours(0, until, 0, 0)
  // The next calendar day, not 24 hours later: on a day when the clocks change it has 23 or 25.
  if (end.getTime() <= now) end.setDate(end.getDate() + 1)
  return end.getTime()
}
