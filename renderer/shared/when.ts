const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * @param text `+2h`, `+30m`, or what a date and time field gives (`2026-12-24T08:00`, local time), or a day
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch, or null for anything else
 */
export function parseWhen(text: string, now: number): number | null {
  const trimmed = text.trim()
  const after = /^\+(\d+(?:\.\d+)?)([smhd])$/.exec(trimmed)
  if (after !== null) return Math.round(now + Number(after[1]) * (UNITS[after[2] ?? ''] ?? 1) * 1000)
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return null
  // JavaScript alone would take a day without a time as one of UTC.
  const at = Date.parse(trimmed.length === 10 ? `${trimmed}T00:00` : trimmed)
  return Number.isNaN(at) ? null : at
}

/** @returns the text of a date and time field for a point in time, in local time */
export function toLocalField(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}
