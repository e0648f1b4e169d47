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

  it('name the step of a workflow, its visit and its round', () => {
    const lines = eventLines([
      anEvent('workflow_started', { payload: { workflow_run_id: 1, workflow: 'feature', version: 2 } }),
      anEvent('step_entered', { payload: { step: 'sign_off', visit: 1 } }),
      anEvent('step_left', { payload: { step: 'sign_off', visit: 1, verdict: 'check_failed' } }),
      anEvent('step_entered', { payload: { step: 'fix', visit: 2, round: 1, of: 3 } }),
      anEvent('went_back', { payload: { from: 'fix', to: 'plan', reason: 'Another plan' } }),
      anEvent('items_created', { payload: { step: 'parts', visit: 1, count: 3 } }),
      anEvent('item_let_go', {
        payload: { step: 'parts', visit: 1, item: 'roof', task: 't_a', reason: 'Rain' },
      }),
      anEvent('no_progress', {
        payload: { step: 'fix', verdict: 'done', to: 'test', why: 'Nothing changed.' },
      }),
      anEvent('workflow_ended', { payload: { workflow_run_id: 1, end: 'over', state: 'succeeded' } }),
    ])
    expect(lines.map(({ text, detail }) => [text, detail])).toEqual([
      ['Started the workflow feature, version 2', null],
      ['Entered sign off', null],
      ['Left sign off: check failed', null],
      ['Entered fix, visit 2, round 1 of 3', null],
      ['Sent from fix to plan', 'Another plan'],
      ['Created 3 items at parts', null],
      ['Let roof go', 'Rain'],
      ['No progress at fix', 'Nothing changed.'],
      ['Workflow succeeded at over', null],
    ])
  })

  it('name another task by its title', () => {
    const event = anEvent('linked', { payload: { parent: 't_a', child: 't_00000001' } })
    const [line] = eventLines([event], (id) => `the task ${id}`)
    expect(line?.text).toBe('Blocked by the task t_a')
  })
})
