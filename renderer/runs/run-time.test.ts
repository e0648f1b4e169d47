import { describe, expect, it } from 'vitest'
import { phases, railItems, stretches, timeShare } from './run-time.ts'
import { aRun, NOW } from './test-runs.ts'

const first = aRun({
  attempt: 1,
  outcome: 'crashed',
  ready_at: NOW - 100_000,
  started_at: NOW - 90_000,
  ended_at: NOW - 80_000,
})
const second = aRun({ attempt: 2, ready_at: NOW - 80_000, started_at: NOW - 20_000 })

describe('work time and waiting time', () => {
  it('add up to the whole history', () => {
    expect(timeShare([first, second], null, NOW)).toEqual({ work: 30_000, waiting: 70_000 })
  })

  it('stop when the task ends', () => {
    expect(timeShare([first], NOW - 80_000, NOW)).toEqual({ work: 10_000, waiting: 10_000 })
  })

  it('are zero without a run', () => {
    expect(timeShare([], null, NOW)).toEqual({ work: 0, waiting: 0 })
  })
})

describe('the attempt rail', () => {
  it('has a gap wherever the task waited', () => {
    const kinds = railItems([first, second], null, NOW).map(({ kind }) => kind)
    expect(kinds).toEqual(['gap', 'run', 'gap', 'run'])
  })

  it('ends with an open gap while the task waits', () => {
    expect(railItems([first], NOW - 80_000, NOW).at(-1)).toMatchObject({ kind: 'gap', to: null })
  })

  it('draws longer runs wider, but an hour not a thousand times as wide as a second', () => {
    const width = (ms: number) =>
      railItems([aRun({ ready_at: null, started_at: NOW - ms })], null, NOW)[0]?.width ?? 0
    expect(width(60_000)).toBeGreaterThan(width(1000))
    expect(width(3_600_000)).toBeLessThan(4 * width(1000))
  })
})

describe('the phases of a run', () => {
  it('have the time since the previous phase that was reached', () => {
    const run = aRun({ outcome: 'completed', first_output_at: null, started_at: NOW, ended_at: NOW + 5000 })
    expect(phases(run).map(({ name, after }) => [name, after])).toEqual([
      ['ready', null],
      ['claimed', 1000],
      ['spawned', 100],
      ['first output', null],
      ['last heartbeat', null],
      ['ended', 4900],
    ])
  })

  it('leave no gap between them', () => {
    const parts = stretches(aRun({ started_at: NOW - 60_000 }), NOW)
    expect(parts.map(({ name }) => name)).toEqual(['waited', 'started up', 'silent at first', 'worked'])
    parts.slice(1).forEach((part, index) => expect(part.from).toBe(parts[index]?.to))
    expect(parts.at(-1)?.to).toBe(NOW)
  })

  it('of a run claimed by a pulling worker are one', () => {
    const parts = stretches(aRun({ spawned_at: null, first_output_at: null, ready_at: null }), NOW)
    expect(parts.map(({ name }) => name)).toEqual(['worked, no output'])
  })
})

it('S10: a wait between two attempts counts, also before the clock ticks', () => {
  const at = 1_000_000
  const runs = [
    aRun({ attempt: 1, outcome: 'crashed', ready_at: at, started_at: at, ended_at: at + 1000 }),
    aRun({ attempt: 2, ready_at: at + 3300, started_at: at + 3300 }),
  ]
  expect(timeShare(runs, null, at + 500).waiting).toBe(2300)
})
