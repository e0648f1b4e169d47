/** Formats times and durations for people. All functions take and return milliseconds; numbers have a unit. */

import { DAY, duration, HOUR, MINUTE, SECOND, wholeUnits } from '../../formats/time.ts'

export { duration }

/** Makes a formatter at its first use: the first one of a page delays its first paint. */
function timeFormat(options: Intl.DateTimeFormatOptions): (at: number) => string {
  let made: Intl.DateTimeFormat | null = null
  return (at) => (made ??= new Intl.DateTimeFormat(undefined, options)).format(at)
}

/** The full local date and time, for tooltips. */
export const exactTime = timeFormat({
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const clock = timeFormat({ hour: '2-digit', minute: '2-digit' })
const clockWithSeconds = timeFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
/** `3 Mar`, in local time. */
export const dayName = timeFormat({ day: 'numeric', month: 'short' })

/** `16:20`, or with seconds `16:20:05`. */
export function clockTime(at: number, withSeconds = false): string {
  return withSeconds ? clockWithSeconds(at) : clock(at)
}

/** `16:20` on the day of `now`, `3 Mar, 16:20` on any other. */
export function shortTime(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString()
  return sameDay ? clockTime(at) : `${dayName(at)}, ${clockTime(at)}`
}

/** Only the largest unit: `now`, `42 s`, `4 min`, `3 h`, `12 d`, `5 wk`. For ages, where more precision is useless. */
export function age(milliseconds: number): string {
  const value = Math.max(0, milliseconds)
  if (value < 3 * SECOND) return 'now'
  if (value < 60 * DAY) return wholeUnits(value)
  return `${Math.floor(value / (7 * DAY))} wk`
}

/** `just now`, `4 min ago`, `in 42 s`. */
export function relativeTime(at: number, now: number): string {
  const difference = now - at
  if (Math.abs(difference) < 3 * SECOND) return difference < 0 ? 'now' : 'just now'
  return difference < 0 ? `in ${age(-difference)}` : `${age(difference)} ago`
}

/** A running clock in fixed-width form: `0:42`, `12:05`, `1:02:33`. */
export function stopwatch(milliseconds: number): string {
  const value = Math.max(0, milliseconds)
  const two = (each: number) => String(each).padStart(2, '0')
  const hours = Math.floor(value / HOUR)
  const minutes = Math.floor((value % HOUR) / MINUTE)
  const seconds = two(Math.floor((value % MINUTE) / SECOND))
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`
}

const UNITS: readonly [number, string][] = [
  [2 ** 30, 'GB'],
  [2 ** 20, 'MB'],
  [2 ** 10, 'KB'],
]

/** `512 B`, `4.2 KB`, `180 MB`. */
export function bytes(value: number): string {
  for (const [size, unit] of UNITS) {
    if (value >= size) {
      const amount = value / size
      return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`
    }
  }
  return `${value} B`
}
