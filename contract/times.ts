/** Times, without zod, so that the screens parse and show them as the doors do. */

/** The latest time that a board accepts, in milliseconds since the epoch: the end of the year 9999. */
export const LATEST_TIME = 253_402_300_799_999

const ISO_PATTERN = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/

/** How long a run may wait for an answer, unless its profile says otherwise. Seconds. */
export const DEFAULT_MAX_WAIT_SECONDS = 8 * 3600

/** A run without output and heartbeat for this long is stale, unless its board says otherwise. Seconds. */
export const DEFAULT_STALE_SECONDS = 4 * 3600

/**
 * @param value ISO 8601: local time without an offset; a date alone is the start of that day
 * @returns milliseconds since the epoch, or null for anything else, including days that do not exist
 */
export function parseDate(value: string): number | null {
  if (!ISO_PATTERN.test(value)) return null
  // JavaScript would parse a date without a time as UTC.
  const at = Date.parse(value.length === 10 ? `${value}T00:00` : value.replace(' ', 'T'))
  const day = Number(value.slice(8, 10))
  const lastDay = new Date(Date.UTC(Number(value.slice(0, 4)), Number(value.slice(5, 7)), 0)).getUTCDate()
  return Number.isNaN(at) || day > lastDay ? null : at
}
