/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
export type OffsetAt = (at: number) => number

const MINUTE_MS = 60_000

/** As people in the United States and tools there say it, without telling whether it is summer time. */
const SPOKEN: Readonly<Record<string, string>> = {
  pacific: 'America/Los_Angeles',
  mountain: 'America/Denver',
  central: 'America/Chicago',
  eastern: 'America/New_York',
}

/**
 * @param name of the IANA database, such as `Europe/Berlin`, or `Pacific Time`; undefined is the zone of this machine
 * @returns null for a name that is none
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
      return wall - Math.floor(at / MINUTE_MS) * MINUTE_MS
    }
  } catch {
    return null
  }
}

/**
 * @param wall what the clocks show, as if they were those of UTC: milliseconds since the epoch
 * @returns the moment when they show it. An hour that summer time leaves out is read as the one after it.
 */
export function momentOf(wall: number, offsetAt: OffsetAt): number {
  // The offset at that moment, which is not today's where summer time begins or ends before it.
  return wall - offsetAt(wall - offsetAt(wall))
}
