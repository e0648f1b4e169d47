import { MINUTE } from '../../../formats/time.ts'
/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
export type OffsetAt = (at: number) => number

/** Names used in the United States, and by tools from there, that leave open whether it is summer time. */
const SPOKEN: Readonly<Record<string, string>> = {
  pacific: 'America/Los_Angeles',
  mountain: 'America/Denver',
  central: 'America/Chicago',
  eastern: 'America/New_York',
}

/**
 * @param name from the IANA database, such as `Europe/Berlin`, or `Pacific Time`; undefined is the zone of this
 *   machine
 * @returns null for an unknown name
 */
export function zoneOffset(name: string | undefined): OffsetAt | null {
  const spoken =
    name === undefined
      ? undefined
      : SPOKEN[/^(\w+)(?: standard| daylight)? time$/i.exec(name)?.[1]?.toLowerCase() ?? '']
  const zone = spoken ?? name
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
      return wall - Math.floor(at / MINUTE) * MINUTE
    }
  } catch {
    return null
  }
}

/**
 * @param wall the local time, encoded as if it were UTC: milliseconds since the epoch
 * @returns the moment at which the zone's clocks show it. An hour that summer time skips is read as the next one.
 */
export function momentOf(wall: number, offsetAt: OffsetAt): number {
  // The offset at that moment, which differs from today's if summer time begins or ends before it.
  return wall - offsetAt(wall - offsetAt(wall))
}
