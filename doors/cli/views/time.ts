/** Formats times and durations for people. */

import { duration, SECOND, wholeUnits } from '../../../formats/time.ts'

export { duration }

/** @returns `now`, `5 min ago`, `in 2 h` */
export function relative(at: number, now: number): string {
  const distance = now - at
  if (Math.abs(distance) < SECOND) return 'now'
  return distance > 0 ? `${wholeUnits(distance)} ago` : `in ${wholeUnits(-distance)}`
}

/** @returns `5 min`: how long ago, for a column of ages */
export function age(at: number, now: number): string {
  return wholeUnits(now - at)
}

const digits = (value: number, length = 2) => String(value).padStart(length, '0')

/** @returns `2026-12-24 08:00:00`, in local time */
export function dateTime(at: number): string {
  const date = new Date(at)
  const day = `${digits(date.getFullYear(), 4)}-${digits(date.getMonth() + 1)}-${digits(date.getDate())}`
  return `${day} ${clockTime(at)}`
}

/** @returns `08:00:00`, in local time */
export function clockTime(at: number): string {
  const date = new Date(at)
  return `${digits(date.getHours())}:${digits(date.getMinutes())}:${digits(date.getSeconds())}`
}

/** @returns `2026-12-24 08:00:00.123`, in local time, always in the same width */
export function exactTime(at: number): string {
  return `${dateTime(at)}.${digits(new Date(at).getMilliseconds(), 3)}`
}

/** @returns a time and its distance from now: `in 5 min (2026-12-24 08:00:00)` */
export function when(at: number, now: number): string {
  return `${relative(at, now)} (${dateTime(at)})`
}

/** @returns `1 min 30 s`, `30 min`, `2 h`: a limit in seconds */
export function seconds(value: number): string {
  return value === 0 ? '0 s' : duration(value * SECOND)
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** @returns `512 B`, `1.5 MB` */
export function bytes(amount: number): string {
  let value = amount
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[unit] ?? ''}`
}
