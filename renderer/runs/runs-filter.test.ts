import { describe, expect, it } from 'vitest'
import { formatRunsFilter, isNarrow, listInput, NO_FILTER, parseRunsFilter, timesOf } from './runs-filter.ts'

const NOW = new Date(2026, 10, 22, 12).getTime()

describe('the filter of the runs', () => {
  it('is the same after a round trip through the address', () => {
    const filter = {
      text: 'no space',
      outcome: 'failed',
      profile: 'claude',
      hours: null,
      from: '2026-11-20',
      to: '2026-11-21',
      error: 'f',
      grouped: true,
    } as const
    expect(parseRunsFilter(formatRunsFilter(filter))).toEqual(filter)
    expect(parseRunsFilter({})).toEqual(NO_FILTER)
  })

  it('ignores days that do not exist', () => {
    expect(parseRunsFilter({ from: '2026-13-40', to: 'tomorrow', hours: '5' })).toEqual(NO_FILTER)
  })

  it('takes whole local days, the last one included', () => {
    expect(timesOf({ ...NO_FILTER, from: '2026-11-20', to: '2026-11-21' }, NOW)).toEqual({
      since: new Date(2026, 10, 20).getTime(),
      until: new Date(2026, 10, 22).getTime(),
    })
    expect(timesOf({ ...NO_FILTER, hours: 24 }, NOW)).toEqual({ since: NOW - 86_400_000, until: null })
  })

  it('sends only the fields that narrow', () => {
    expect(listInput(parseRunsFilter({ outcome: 'running' }), NOW)).toEqual({ open: true })
    const query = { outcome: 'failed', profile: 'claude', hours: '1', error: 'a1b2' }
    expect(listInput(parseRunsFilter(query), NOW)).toEqual({
      failed: true,
      profile: 'claude',
      since: NOW - 3_600_000,
      fingerprint: 'a1b2',
    })
    expect(listInput(NO_FILTER, NOW)).toEqual({})
    expect(listInput({ ...NO_FILTER, text: 'disk', outcome: 'failed' }, NOW)).toEqual({
      failed: true,
      search: 'disk',
    })
    expect([isNarrow({ ...NO_FILTER, grouped: true }), isNarrow({ ...NO_FILTER, text: 'x' })]).toEqual([
      false,
      true,
    ])
  })
})
