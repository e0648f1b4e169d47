import { describe, expect, it } from 'vitest'
import { eventLines } from './run-events.ts'
import { anEvent, NOW } from './test-runs.ts'

describe('lines of events', () => {
  it('fold consecutive heartbeats, and keep the last note', () => {
    const beat = (after: number, note: string | null) =>
      anEvent('heartbeat', { created_at: NOW + after, payload: note === null ? null : { note } })
    const lines = eventLines([
      anEvent('spawned', { payload: { pid: 42 } }),
      beat(0, 'one'),
      beat(60_000, 'two'),
      beat(120_000, null),
      anEvent('completed', { payload: { summary: 'Done.' } }),
    ])
    expect(lines.map(({ text, detail }) => [text, detail])).toEqual([
      ['Spawned as process 42', null],
      ['3 heartbeats in 2 min', 'two'],
      ['Completed', 'Done.'],
    ])
  })

  it('show what is in the payload', () => {
    const payload = { failures: 3, effective_limit: 3, limit_source: 'profile', error: 'exit 1' }
    const lines = eventLines([
      anEvent('gave_up', { payload }),
      anEvent('linked', { payload: { parent: 't_a', child: 't_00000001' } }),
      anEvent('edited', { payload: { fields: ['title', 'max_runtime_seconds'] } }),
      anEvent('assigned', { payload: { assignee: null, from: 'claude' } }),
    ])
    expect(lines.map(({ text }) => text)).toEqual([
      'Gave up: 3 failures in a row, the limit of the profile is 3',
      'Blocked by t_a',
      'Edited title, time limit',
      'Assigned to nobody',
    ])
    expect(lines[0]).toMatchObject({ detail: 'exit 1', tone: 'bad' })
  })

  it('name another task by its title', () => {
    const event = anEvent('linked', { payload: { parent: 't_a', child: 't_00000001' } })
    const [line] = eventLines([event], (id) => `the task ${id}`)
    expect(line?.text).toBe('Blocked by the task t_a')
  })
})
