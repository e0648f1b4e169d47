/** Times and lengths of time, as a person reads them. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** @returns `420ms`, `12s`, `3m 20s`, `2h 5m`, `4d 3h` */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms))
  if (whole < SECOND) return `${String(whole)}ms`
  if (whole < 10 * SECOND) return `${(Math.floor(whole / 100) / 10).toFixed(1)}s`
  if (whole < MINUTE) return `${String(Math.floor(whole / SECOND))}s`
  if (whole < HOUR) return two(whole, MINUTE, 'm', SECOND, 's')
  if (whole < DAY) return two(whole, HOUR, 'h', MINUTE, 'm')
  return two(whole, DAY, 'd', HOUR, 'h')
}

function two(ms: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % large) / small)
  const first = `${String(Math.floor(ms / large))}${largeUnit}`
  return rest === 0 ? first : `${first} ${String(rest)}${smallUnit}`
}

function coarse(ms: number): string {
  if (ms < MINUTE) return `${String(Math.floor(ms / SECOND))}s`
  if (ms < HOUR) return `${String(Math.floor(ms / MINUTE))}m`
  if (ms < DAY) return `${String(Math.floor(ms / HOUR))}h`
  return `${String(Math.floor(ms / DAY))}d`
}

/** @returns `now`, `5m ago`, `in 2h` */
export function relative(at: number, now: number): string {
  const distance = now - at
  if (Math.abs(distance) < SECOND) return 'now'
  return distance > 0 ? `${coarse(distance)} ago` : `in ${coarse(-distance)}`
}

/** @returns `5m`: how long ago, for a column of ages */
export function age(at: number, now: number): string {
  return coarse(Math.max(0, now - at))
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

/** @returns `2026-12-24 08:00:00.123`, in local time: as wide for every time */
export function exactTime(at: number): string {
  return `${dateTime(at)}.${digits(new Date(at).getMilliseconds(), 3)}`
}

/** @returns a time with how far it is away: `in 5m (2026-12-24 08:00:00)` */
export function when(at: number, now: number): string {
  return `${relative(at, now)} (${dateTime(at)})`
}

/** @returns `90s`, `30m`, `2h`: a limit as it is typed */
export function seconds(value: number): string {
  if (value === 0) return '0s'
  if (value % 86_400 === 0) return `${String(value / 86_400)}d`
  if (value % 3600 === 0) return `${String(value / 3600)}h`
  return value % 60 === 0 ? `${String(value / 60)}m` : `${String(value)}s`
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
