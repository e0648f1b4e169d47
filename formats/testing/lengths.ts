const H = 3600

/** Lengths of time as people type them, and their seconds: the same through every door and on the screens. */
export const LENGTHS: readonly [string, number][] = [
  ['2h', 2 * H],
  ['2 h', 2 * H],
  ['1h30m', 1.5 * H],
  ['1 h 30 min', 1.5 * H],
  ['1.5h', 1.5 * H],
  ['1d', 24 * H],
  ['3 d 4 h', 76 * H],
  ['2W', 336 * H],
  [' 5m ', 300],
  ['1 hour and 5 minutes', H + 300],
  ['2 days, 3 hrs', 51 * H],
  ['0.1s', 1],
  ['850 ms', 1],
]

export const BAD_LENGTHS: readonly string[] = [
  '',
  ' ',
  'soon',
  'h',
  '-1h',
  '2h and',
  '2h,',
  '30m1h',
  '1h 1h',
  '1e3',
  '1h30',
  '2 fortnights',
  '2h x',
  '∞',
  '9'.repeat(400),
]
