import { LATEST_TIME, parseDate, readDuration } from '../../contract/times.ts'

/**
 * Reads a time by the rules of the doors, but that a length of time needs its unit.
 *
 * @param text `+2h`, `+30m`, or what a date and time field gives (`2026-12-24T08:00`, local time), or a day
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch, or null for anything else
 */
export function parseWhen(text: string, now: number): number | null {
  const trimmed = text.trim()
  const at = trimmed.startsWith('+') ? after(trimmed.slice(1), now) : parseDate(trimmed)
  return at === null || at < 0 || at > LATEST_TIME ? null : at
}

/** A bare number would be seconds, which nobody means who types `+2`. */
function after(length: string, now: number): number | null {
  const seconds = /[smhd]$/.test(length) ? readDuration(length) : null
  return seconds === null ? null : now + seconds * 1000
}

/** @returns the text of a date and time field for a point in time, in local time */
export function toLocalField(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}
