import { describe, expect, it } from 'vitest'
import type { BoardEvent } from '../../contract/index.ts'
import { RunLedger } from './run-ledger.ts'
import { anEvent, aRun, NOW } from './test-runs.ts'
import { timeMarks, lanesOf } from './timeline.ts'

function ledger(...events: BoardEvent[]) {
  const kept = new RunLedger()
  for (const event of events) kept.take(event)
  return kept.list()
}

const claimed = (run_id: number, values: Partial<BoardEvent> = {}) =>
  anEvent('claimed', { run_id, payload: { attempt: run_id, profile: 'claude' }, ...values })

describe('runs derived from events', () => {
  it('have their start, their end and their note', () => {
    const end = anEvent('crashed', {
      run_id: 1,
      created_at: NOW + 5000,
      payload: { error: 'It exited with 1.\nno disk' },
    })
    expect(ledger(claimed(1), end)).toEqual([
      {
        id: 1,
        task_id: 't_00000001',
        attempt: 1,
        profile: 'claude',
        started_at: NOW,
        ended_at: NOW + 5000,
        outcome: 'crashed',
        note: 'no disk',
      },
    ])
  })

  it('A7: without a report are not shown as crashed', () => {
    const error = 'It exited with 0 but did not report: no complete, block or request-review.'
    const end = anEvent('protocol_violation', { run_id: 1, payload: { error, last_output: 'tidied' } })
    expect(ledger(claimed(1), end)).toMatchObject([{ outcome: 'ended_without_a_report', note: 'tidied' }])
    const kept = new RunLedger()
    kept.know(aRun({ id: 1, outcome: 'crashed', exit_code: 0, error }))
    expect(kept.list()).toMatchObject([{ outcome: 'ended_without_a_report' }])
  })

  it('are the same for any order of events, and with duplicates', () => {
    const events = [
      claimed(1),
      anEvent('heartbeat', { run_id: 1, payload: { note: 'half' }, created_at: NOW + 1 }),
      anEvent('timed_out', { run_id: 1, created_at: NOW + 2 }),
      anEvent('gave_up', { run_id: 1, created_at: NOW + 2, payload: { failures: 3 } }),
      claimed(2),
    ]
    const [first] = ledger(...events, ...events).slice(1)
    expect([first?.outcome, first?.ended_at]).toEqual(['timed_out', NOW + 2])
    expect(ledger(...events, ...events).map(({ id }) => id)).toEqual([2, 1])
  })

  it('that were recorded without a worker start and end at once', () => {
    const [run] = ledger(anEvent('completed', { run_id: 3, payload: { summary: 'By **hand**' } }))
    expect(run).toMatchObject({
      attempt: null,
      started_at: NOW,
      ended_at: NOW,
      outcome: 'completed',
      note: 'By hand',
    })
  })
})

describe('a run from the board', () => {
  it('replaces what its events said', () => {
    const kept = new RunLedger()
    kept.take(anEvent('completed', { run_id: 3, payload: { summary: 'By hand' } }))
    kept.know(aRun({ id: 3, attempt: 2, profile: 'codex', outcome: 'crashed', error: 'no disk' }))
    expect(kept.list()).toMatchObject([{ attempt: 2, profile: 'codex', outcome: 'crashed', note: 'no disk' }])
  })
})

describe('the timeline', () => {
  it('puts overlapping runs below each other, in one lane per profile', () => {
    const runs = ledger(claimed(1), claimed(2), claimed(3, { payload: { attempt: 1, profile: 'codex' } }))
    const lanes = lanesOf(runs, NOW - 1000, NOW + 1000)
    expect(lanes.map(({ profile, rows }) => [profile, rows])).toEqual([
      ['claude', 2],
      ['codex', 1],
    ])
    expect(lanes[0]?.bars[0]).toMatchObject({ left: 50, width: 50, row: 0 })
  })

  it('leaves out runs that ended before it', () => {
    const runs = ledger(claimed(1), anEvent('crashed', { run_id: 1, created_at: NOW + 1000 }))
    expect(lanesOf(runs, NOW + 2000, NOW + 3000)).toEqual([])
  })

  it('marks a few round times', () => {
    for (const minutes of [50, 90, 300, 1440]) {
      const marks = timeMarks(NOW, NOW + minutes * 60_000).map(({ at }) => at)
      expect(marks.length).toBeGreaterThan(1)
      expect(marks.length).toBeLessThanOrEqual(9)
      for (const mark of marks) expect(new Date(mark).getMinutes() % 5).toBe(0)
    }
  })
})
