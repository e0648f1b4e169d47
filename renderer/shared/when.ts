import { LATEST_TIME, parseDate } from '../../contract/times.ts'
import { durationIn } from '../../formats/time.ts'

/**
 * Parses a time by the rules of the doors, except that a duration needs its unit.
 *
 * @param text `+2h`, `+30m`, the value of a date-and-time field (`2026-12-24T08:00`, local time), or a day
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch, or null for anything else
 */
export function parseWhen(text: string, now: number): number | null {
  const trimmed = text.trim()
  const at = trimmed.startsWith('+') ? after(trimmed.slice(1), now) : parseDate(trimmed)
  return at === null || at < 0 || at > LATEST_TIME ? null : at
}

/** A bare number would mean seconds, which a user who types `+2` does not mean. */
function after(length: string, now: number): number | null {
  const milliseconds = durationIn(length)
  return milliseconds === null ? null : Math.ceil(now + milliseconds)
}

/** @returns the value of a date-and-time field for a point in time, in local time */
export function toLocalField(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}
