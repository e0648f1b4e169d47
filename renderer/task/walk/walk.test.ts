import { describe, expect, it } from 'vitest'
import {
  markWords,
  roundWords,
  type ShownWalk,
  shownName,
  stepMarks,
  valueText,
  verdictLabel,
} from './walk.ts'

const visit = (
  step: string,
  given: Partial<ShownWalk['visits'][number]> = {},
): ShownWalk['visits'][number] => ({
  ...{ id: 1, step, visit: 1, entered_at: 0, entered_by: 'x', from: null, via: null, left_at: 60_000 },
  ...{ verdict: 'done', held_verdict: null, summary: null, outputs: null, head_in: null, head_out: null },
  valid: true,
  items: [],
  edited: null,
  copied_from: null,
  no_restart: null,
  ...given,
})

const WALK: ShownWalk = {
  ...{ id: 1, task_id: 't_1', workflow: 'w', version: 1, title: 'W', inputs: {}, roles: {}, started_by: 'x' },
  ...{ started_at: 0, ended_at: null, end: null, end_state: null, asks: null, verdicts: [] },
  steps: ['build', 'test', 'fix', 'sign_off', 'over'].map((key) => ({
    ...{ key, kind: key === 'over' ? 'end' : 'work', stage: null, title: null, who: null, ways: [] },
  })),
  visits: [
    visit('build', { summary: 'built it\nand more' }),
    visit('test', { valid: false, verdict: 'passed' }),
    visit('test', { visit: 2, verdict: 'failed' }),
    visit('fix', { from: 'test', via: 'failed', left_at: null, verdict: null }),
  ],
  rounds: [{ from: 'test', verdict: 'failed', to: 'fix', used: 2, max: 4 }],
}

describe('the strip of a walk', () => {
  it('marks each step except the ends, in the order of the file', () => {
    expect(stepMarks(WALK).map((mark) => markWords(mark))).toEqual([
      'build: passed',
      'test: passed, 2 visits',
      'fix: here now',
      'sign off: not reached',
    ])
  })

  it('shows the result of the last visit in the tooltip', () => {
    expect(stepMarks(WALK)[0]?.hint).toBe('done after 1 min: built it')
  })

  it('marks a step that must be passed again', () => {
    const walk = { ...WALK, visits: [visit('test', { valid: false })] }
    expect(stepMarks(walk)[1]?.state).toBe('again')
  })

  it('says which round it is', () => {
    expect(roundWords(WALK)).toBe('Round 2 of 4 from test')
    expect(roundWords({ ...WALK, visits: [visit('build')] })).toBeNull()
  })
})

it('names a verdict after the act of the person', () => {
  expect(['approved', 'changes', 'rejected', 'not_yet'].map(verdictLabel)).toEqual([
    'Approve',
    'Request changes',
    'Reject',
    'Not yet',
  ])
})

it('shows a list as lines and anything deeper as JSON', () => {
  expect(valueText(['a', 'b'])).toBe('• a\n• b')
  expect(valueText([{ a: 1 }])).toContain('"a": 1')
  expect(valueText(null)).toBe('nothing')
})

it.each([
  ['steps.plan.metadata.open_risks', 'plan: open risks'],
  ['steps.plan.summary', 'plan: summary'],
  ['inputs.goal', 'goal'],
])('names %s “%s”', (reference, name) => {
  expect(shownName(reference)).toBe(name)
})
