/**
 * When a rate limit ends, as tools say it. Seen in their reports of bugs: “resets 2:30pm (Pacific/Auckland)”, “resets Jan
 * 30, 11:30am (Asia/Calcutta)” (anthropics/claude-code 77978, 21562), “try again in 5 days 22 hours 11 minutes”, “try again
 * at Jul 5th, 2026 8:19 PM” (openai/codex 3899, 26668), “resets at 10:57 PM GMT-3” (google-gemini/gemini-cli 22643).
 */
const SAYS = String.raw`\b(?:resets?|try[ -]again|retry)`
const EPOCH = new RegExp(String.raw`(?:${SAYS}[_ ]?(?:at)?"?\s*:?\s*|\|)(\d{10})\b`, 'i')
const ISO = new RegExp(
  String.raw`${SAYS}(?: at)?\s*:?\s*(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))`,
  'i',
)
const IN_SECONDS = /\bresets?_in_seconds"?\s*:\s*(\d+)/i

const PART = String.raw`\d+(?:\.\d+)?\s*(?:days?|d|hours?|hrs?|h|minutes?|mins?|ms|m|seconds?|secs?|s)(?![a-z])`
const AFTER = new RegExp(
  String.raw`${SAYS}[ -](?:after|in)\s*:?\s*((?:${PART}[\s,]*(?:and\s+)?)+|\d+(?:\.\d+)?(?!\s*[a-z\d.:]))`,
  'i',
)
const CLOCK = new RegExp(
  String.raw`${SAYS}(?: at| on)?\s*:?\s*` +
    String.raw`(?:(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?<day>\d{1,2})(?:st|nd|rd|th)?` +
    String.raw`(?:,?\s+(?<year>\d{4}))?,?\s+(?:at\s+)?)?` +
    String.raw`(?<hour>\d{1,2})(?::(?<minute>\d{2}))?\s*(?<half>am|pm)\b` +
    String.raw`(?:\s*\((?<zone>[\w+\-/]+)\)|\s*(?<utc>GMT|UTC)(?<offset>[+-]\d{1,2}(?::\d{2})?)?)?`,
  'i',
)

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_MS = 86_400_000
const UNIT_MS: Readonly<Record<string, number>> = { d: DAY_MS, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
/** No limit lasts longer than a month; what says so was misread. */
const LONGEST_RESET_MS = 32 * DAY_MS

/**
 * Finds out when a rate limit ends, where the tool printed it.
 *
 * @param lines the end of its output
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch, within the next month; null when it is not said
 */
export function parseReset(lines: readonly string[], now: number): number | null {
  for (const line of [...lines].reverse()) {
    const at = momentIn(line, now)
    if (at !== null && at > now && at < now + LONGEST_RESET_MS) return at
  }
  return null
}

function momentIn(line: string, now: number): number | null {
  const epoch = EPOCH.exec(line)?.[1]
  if (epoch !== undefined) return Number(epoch) * 1000
  const iso = ISO.exec(line)?.[1]
  if (iso !== undefined) return Date.parse(iso)
  const seconds = IN_SECONDS.exec(line)?.[1]
  if (seconds !== undefined) return now + Number(seconds) * 1000
  const after = AFTER.exec(line)?.[1]
  if (after !== undefined) return now + durationMs(after)
  const clock = CLOCK.exec(line)?.groups
  return clock === undefined ? null : clockTime(clock, now)
}

/** `2h15m30s`, `5 days 22 hours`, `1.5s`; a number alone is seconds. */
function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|[dhms])?/gi)]
  return parts.reduce((sum, [, amount, unit]) => {
    return sum + Number(amount) * (UNIT_MS[(unit ?? 's').toLowerCase()] ?? 1000)
  }, 0)
}

/** A time of the day, at the next day that has it, or on the day that is named; in the zone that is named, else in ours. */
function clockTime(found: Record<string, string | undefined>, now: number): number | null {
  const offsetAt = zoneOffset(found['zone'] ?? found['utc'], found['offset'])
  if (offsetAt === null) return null
  const hour = (Number(found['hour']) % 12) + (found['half']?.toLowerCase() === 'pm' ? 12 : 0)
  const today = new Date(now + offsetAt(now))
  const month =
    found['month'] === undefined ? today.getUTCMonth() : MONTHS.indexOf(found['month'].toLowerCase())
  const day = Number(found['day'] ?? today.getUTCDate())
  const at = (year: number, days: number) => {
    const wall = Date.UTC(year, month, day + days, hour, Number(found['minute'] ?? 0))
    // The offset at that moment, which is not ours where summer time begins or ends before it.
    return wall - offsetAt(wall - offsetAt(wall))
  }
  const year = Number(found['year'] ?? today.getUTCFullYear())
  const first = at(year, 0)
  if (first > now || found['year'] !== undefined) return first
  return found['month'] === undefined ? at(year, 1) : at(year + 1, 0)
}

/** @returns what gives, for a moment, how far the clocks of the zone are ahead of UTC; null for a zone that is none */
function zoneOffset(zone: string | undefined, offset: string | undefined): ((at: number) => number) | null {
  if (offset !== undefined) {
    const [hours = '0', minutes = '0'] = offset.split(':')
    const ms = Number(hours) * 3_600_000 + Math.sign(Number(hours) || 1) * Number(minutes) * 60_000
    return () => ms
  }
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      ...(zone === undefined ? {} : { timeZone: zone }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
    return (at) => {
      const of = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
      const wall = Date.UTC(of['year'] ?? 0, (of['month'] ?? 1) - 1, of['day'], of['hour'], of['minute'])
      return wall - Math.floor(at / 60_000) * 60_000
    }
  } catch {
    return null
  }
}
