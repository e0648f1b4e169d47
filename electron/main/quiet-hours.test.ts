import { expect, it } from 'vitest'
import { quietUntil } from './quiet-hours.ts'

const at = (hours: number, minutes = 0, day = 10) => new Date(2026, 5, day, hours, minutes).getTime()
const night = { quiet_from: '22:00', quiet_until: '07:30' }
const noon = { quiet_from: '12:00', quiet_until: '13:00' }

it.each([
  ['before the night', night, at(21, 59), null],
  ['as it begins', night, at(22), at(7, 30, 11)],
  ['past midnight', night, at(0, 5), at(7, 30)],
  ['as it ends', night, at(7, 30), null],
  ['before noon', noon, at(11, 59), null],
  ['at noon', noon, at(12, 30), at(13)],
  ['after noon', noon, at(13), null],
  ['without quiet hours', { quiet_from: null, quiet_until: null }, at(3), null],
  ['where they end as they begin', { quiet_from: '08:00', quiet_until: '08:00' }, at(8), null],
])('%s', (_when, settings, now, end) => {
  expect(quietUntil(settings, now)).toBe(end)
})
