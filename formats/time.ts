/**
 * Durations as people write and read them: the kernel's sentences, the command line and the screens use the same forms.
 * What is printed here is also read here.
 */

/** Lengths in milliseconds. */
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Two units, down to where seconds matter: `850 ms`, `4.2 s`, `1 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  const value = Math.max(0, milliseconds)
  if (value < SECOND) return `${Math.round(value)} ms`
  // A whole number of seconds is a setting, not a measurement.
  if (value < MINUTE && value % SECOND === 0) return `${value / SECOND} s`
  if (value < 10 * SECOND) return `${(Math.floor(value / 100) / 10).toFixed(1)} s`
  if (value < MINUTE) return `${Math.floor(value / SECOND)} s`
  if (value < HOUR) return pair(value, MINUTE, 'min', SECOND, 's')
  if (value < DAY) return pair(value, HOUR, 'h', MINUTE, 'min')
  return pair(value, DAY, 'd', HOUR, 'h')
}

function pair(value: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((value % large) / small)
  const first = `${Math.floor(value / large)} ${largeUnit}`
  return rest === 0 ? first : `${first} ${rest} ${smallUnit}`
}

/** Only the largest unit, rounded down: `42 s`, `4 min`, `3 h`, `12 d`. For ages, where more precision is useless. */
export function wholeUnits(milliseconds: number): string {
  const value = Math.max(0, milliseconds)
  if (value < MINUTE) return `${Math.floor(value / SECOND)} s`
  if (value < HOUR) return `${Math.floor(value / MINUTE)} min`
  if (value < DAY) return `${Math.floor(value / HOUR)} h`
  return `${Math.floor(value / DAY)} d`
}

/** The whole seconds of a countdown, rounded up: 0 once nothing is left. */
export function secondsLeft(milliseconds: number): number {
  return Math.max(0, Math.ceil(milliseconds / SECOND))
}

/** A running countdown: whole seconds, rounded up, below ten (`9 s`), else as `duration`. */
export function timeLeft(milliseconds: number): string {
  return milliseconds < 10 * SECOND ? `${secondsLeft(milliseconds)} s` : duration(milliseconds)
}

/** Approximate, for sentences: `45 s`, `12 min`, `3 h`, `2 d`. Never `0 s` while some of the wait remains. */
export function roughly(milliseconds: number): string {
  const seconds = secondsLeft(milliseconds)
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

const UNIT_NAMES: readonly (readonly [names: string, milliseconds: number])[] = [
  ['weeks?|w', 7 * DAY],
  ['days?|d', DAY],
  ['hours?|hrs?|h', HOUR],
  ['minutes?|mins?|m', MINUTE],
  ['seconds?|secs?|s', SECOND],
  ['milliseconds?|millis|ms', 1],
]

/** Every unit that `durationIn` knows, as an alternative of a regular expression. */
export const DURATION_UNIT = UNIT_NAMES.map(([names]) => names).join('|')

const UNITS = UNIT_NAMES.map(([names, size]) => [new RegExp(`^(?:${names})$`), size] as const)
const PART = /^(\d+(?:\.\d+)?) ?([a-z]+)/
const BETWEEN = /^(?:, ?| )?(?:and )?(?=\d)/

/**
 * Reads a length of time with its units, the largest first: `2h`, `2 h 5 min`, `1h30m`, `1.5h`, `5 days and 3 hours`.
 *
 * @returns milliseconds, or null for anything else
 */
export function durationIn(text: string): number | null {
  let rest = text.trim().toLowerCase().replace(/\s+/g, ' ')
  let sum = 0
  let smallest = Infinity
  do {
    const part = PART.exec(rest)
    const size = UNITS.find(([names]) => names.test(part?.[2] ?? ''))?.[1]
    if (part === null || size === undefined || size >= smallest) return null
    sum += Number(part[1]) * size
    smallest = size
    rest = rest.slice(part[0].length).replace(BETWEEN, '')
  } while (rest !== '')
  return Number.isFinite(sum) ? sum : null
}

/**
 * As `durationIn`; a number without a unit is seconds.
 *
 * @returns whole seconds, rounded up, or null for anything else
 */
export function readDuration(text: string): number | null {
  const bare = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(text)?.[1]
  const milliseconds = bare === undefined ? durationIn(text) : Number(bare) * SECOND
  return milliseconds === null || !Number.isFinite(milliseconds) ? null : Math.ceil(milliseconds / SECOND)
}
