import type { ParsedComponents } from 'chrono-node'
import { parse } from 'chrono-node/en'
import { MINUTE } from '../../../formats/time.ts'
import { momentOf, type OffsetAt, zoneOffset } from './time-zone.ts'

/**
 * Parses a time in words: `2:30pm (Pacific/Auckland)`, `Mon 3pm`, `tomorrow at 9am`, `Jan 30, 11:30am`, `5pm PST`,
 * `in less than a minute`. chrono-node parses the text; we decide which day is meant, because a limit always ends in
 * the future.
 *
 * @param phrase the text after a word like `resets`; the caller keeps it short
 * @param now milliseconds since the epoch
 * @param zone of this machine, for a phrase without a zone; undefined asks the system
 * @returns milliseconds since the epoch; null if the phrase has no time
 */
export function readWords(phrase: string, now: number, zone: string | undefined): number | null {
  const named = zoneIn(phrase)
  const offsetAt = zoneOffset(named?.name ?? zone)
  if (offsetAt === null) return null
  const text = named === null ? phrase : phrase.slice(0, named.index)
  const found = find(text, now, offsetAt)
  if (found === null) return null
  const minutes = found.isCertain('timezoneOffset') ? found.get('timezoneOffset') : null
  if (minutes === null) return nextMoment(found, now, offsetAt)
  const said = () => minutes * MINUTE
  // The day of “tomorrow” depends on the zone, which we know only now.
  return nextMoment(find(text, now, said) ?? found, now, said)
}

/** A time that begins later in a phrase belongs to something else. */
const LATEST_START = 20

function find(text: string, now: number, offsetAt: OffsetAt): ParsedComponents | null {
  const reference = { instant: new Date(now), timezone: offsetAt(now) / MINUTE }
  const [result] = parse(text, reference)
  return result === undefined || result.index > LATEST_START ? null : result.start
}

/** chrono-node knows abbreviations and offsets, but not names of zones. */
const ZONE_IN_BRACKETS = /\s*\(([A-Za-z][\w+\-/ ]{1,40})\)/
const ZONE_NAMED =
  /\s+((?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[\w+\-/]{2,40}|(?:Pacific|Mountain|Central|Eastern)(?: Standard| Daylight)? Time)\b/i

function zoneIn(phrase: string): { name: string; index: number } | null {
  const found = ZONE_IN_BRACKETS.exec(phrase) ?? ZONE_NAMED.exec(phrase)
  const name = found?.[1]
  if (found === null || name === undefined) return null
  // An abbreviation in brackets is left to chrono-node, which reads it in place.
  return /^[A-Z]{2,5}$/.test(name) && name !== 'UTC' && name !== 'GMT' ? null : { name, index: found.index }
}

/** The first moment after now that matches the parts given. Parts not given, such as the day, are free. */
function nextMoment(said: ParsedComponents, now: number, offsetAt: OffsetAt): number | null {
  const today = new Date(now + offsetAt(now))
  const hasDay = said.isCertain('day')
  const hasWeekday = said.isCertain('weekday') && !hasDay
  if (!hasDay && !hasWeekday && !said.isCertain('hour')) return null
  // A day without a time means its start.
  const value = (part: 'hour' | 'minute' | 'second') => (said.isCertain('hour') ? (said.get(part) ?? 0) : 0)
  const at = (year: number, month: number, day: number) =>
    momentOf(Date.UTC(year, month, day, value('hour'), value('minute'), value('second')), offsetAt)
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate()]

  if (hasDay) {
    const saidYear = said.get('year') ?? year
    const first = at(saidYear, (said.get('month') ?? 1) - 1, said.get('day') ?? 1)
    if (first > now || said.isCertain('year')) return first
    return at(saidYear + 1, (said.get('month') ?? 1) - 1, said.get('day') ?? 1)
  }
  const ahead = hasWeekday ? ((said.get('weekday') ?? 0) - today.getUTCDay() + 7) % 7 : 0
  const first = at(year, month, day + ahead)
  return first > now ? first : at(year, month, day + ahead + (hasWeekday ? 7 : 1))
}
