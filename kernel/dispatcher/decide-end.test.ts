import { describe, expect, it } from 'vitest'
import { decideEnd, type EndDecision, type Ending, UNSTARTED } from './decide-end.ts'

const exit = { exit_code: 3, signal: null }
const passed = { verify_exit_code: 0, verify_output: 'ok', verify_head: 'abc' }
const broken = { verify_exit_code: 4, verify_output: '2 tests fail', verify_head: null }

/** Every fact that a decision depends on, with each of its values by name. */
const FACTS = {
  is_over: { over: true, open: false },
  is_stop_requested: { requested: true, not_requested: false },
  end: { not_started: 'never_started', not_seen: null, seen: exit },
  own_stop: { none: null, ours: { outcome: 'timed_out', error: 'Too long.' } },
  verdict: {
    failed: { kind: 'failed', how: 'It exited with 3.', last: null },
    rate_limited: {
      kind: 'rate_limited',
      how: 'It exited with 3.',
      last: '429',
      texts: [],
      resetsAt: null,
    },
    unreported: { kind: 'unreported', error: 'It did not report.' },
    finished: { kind: 'finished' },
  },
  verified: { unchecked: null, passed, broken },
  work_problem: { none: null, foreign: 'It belongs to another repository.' },
  completion: { explicit: 'explicit', exit_code: 'exit-code', gone: null },
} as const

type Facts = { [F in keyof typeof FACTS]: keyof (typeof FACTS)[F] }
type Row = [name: string, when: Partial<{ [F in keyof Facts]: Facts[F] | Facts[F][] }>, decision: EndDecision]

const OPEN = { is_over: 'open', is_stop_requested: 'not_requested' } as const
const SEEN = { ...OPEN, own_stop: 'none', end: 'seen' } as const
const DONE = { ...SEEN, verdict: 'finished', work_problem: 'none' } as const
const clean = { exit_code: 0, signal: null }
const unverified = (error: string) => ({
  outcome: 'verify_failed' as const,
  error,
  exit: clean,
  summary: 'bye',
})
const UNSEEN = 'Its process is gone, and nobody saw how it ended.'

/** What becomes of a run. No two rows hold at once, so their order means nothing. */
const TABLE: Row[] = [
  [
    'a run that is over keeps its end, also when its exit was not seen',
    { is_over: 'over', end: ['not_started', 'not_seen'] },
    { kind: 'note_exit', exit: null },
  ],
  ['a run that is over records its exit', { is_over: 'over', end: 'seen' }, { kind: 'note_exit', exit }],
  [
    'a requested stop is finished without an exit',
    { is_over: 'open', is_stop_requested: 'requested', end: ['not_started', 'not_seen'] },
    { kind: 'finish_stop', exit: null },
  ],
  [
    'a requested stop is finished with the exit',
    { is_over: 'open', is_stop_requested: 'requested', end: 'seen' },
    { kind: 'finish_stop', exit },
  ],
  [
    'a worker that never started is taken back',
    { ...OPEN, end: 'not_started' },
    { kind: 'take_back', reason: UNSTARTED },
  ],
  [
    'our own stop fails the run, also when its exit was not seen',
    { ...OPEN, own_stop: 'ours', end: 'not_seen' },
    {
      kind: 'fail',
      failure: { outcome: 'timed_out', error: 'Too long.\nbye', exit: null },
      verified: null,
    },
  ],
  [
    'our own stop fails the run',
    { ...OPEN, own_stop: 'ours', end: 'seen' },
    { kind: 'fail', failure: { outcome: 'timed_out', error: 'Too long.\nbye', exit }, verified: null },
  ],
  [
    'an unseen exit is unreported where exit 0 would mean done',
    { ...OPEN, own_stop: 'none', end: 'not_seen', completion: 'exit_code' },
    { kind: 'unreported', unreported: { error: UNSEEN, last_output: 'bye', exit: null } },
  ],
  [
    'an unseen exit is a crash where a report is due',
    { ...OPEN, own_stop: 'none', end: 'not_seen', completion: ['explicit', 'gone'] },
    { kind: 'fail', failure: { outcome: 'crashed', error: `${UNSEEN}\nbye` }, verified: null },
  ],
  [
    'an exit that means a failure is a crash',
    { ...SEEN, verdict: 'failed' },
    { kind: 'fail', failure: { outcome: 'crashed', error: 'It exited with 3.\nbye', exit }, verified: null },
  ],
  [
    'an exit that means a rate limit parks the task',
    { ...SEEN, verdict: 'rate_limited' },
    {
      kind: 'rate_limit',
      limit: { resets_at: 99, refused: 'not tomorrow', error: 'It exited with 3: 429\nbye\n429', exit },
    },
  ],
  [
    'an exit without a report is unreported',
    { ...SEEN, verdict: 'unreported' },
    { kind: 'unreported', unreported: { error: 'It did not report.', last_output: 'bye', exit } },
  ],
  [
    'work in a foreign folder does not count',
    { ...SEEN, verdict: 'finished', work_problem: 'foreign' },
    { kind: 'fail', failure: unverified('It belongs to another repository.'), verified: null },
  ],
  [
    'a failed check fails the run',
    { ...DONE, verified: 'broken' },
    {
      kind: 'fail',
      failure: unverified('The check “npm test” ended with 4.\n2 tests fail'),
      verified: broken,
    },
  ],
  [
    'a passed check completes the task',
    { ...DONE, verified: 'passed' },
    {
      kind: 'complete',
      summary: 'bye',
      verified: passed,
      step_verdict: null,
      exit: { exit_code: 0, signal: null },
    },
  ],
  [
    'a good exit completes the task',
    { ...DONE, verified: 'unchecked' },
    {
      kind: 'complete',
      summary: 'bye',
      verified: null,
      step_verdict: null,
      exit: { exit_code: 0, signal: null },
    },
  ],
]

/** Every combination of the values of all facts. */
const combinations = Object.entries(FACTS).reduce<Record<string, string>[]>(
  (all, [fact, values]) =>
    all.flatMap((chosen) => Object.keys(values).map((value) => ({ ...chosen, [fact]: value }))),
  [{}],
) as Facts[]

function endingOf(facts: Facts): Ending {
  const values = Object.entries(FACTS).map(([fact, of]) => [
    fact,
    (of as Record<string, unknown>)[facts[fact as keyof Facts]],
  ])
  return {
    ...(Object.fromEntries(values) as unknown as Ending),
    output: { said: 'bye', lines: ['bye'], plain: ['bye'] },
    step: null,
    reset: { at: 99, refused: 'not tomorrow' },
    verify_command: 'npm test',
  }
}

function holds(when: Row[1], facts: Facts): boolean {
  return Object.entries(when).every(([fact, wanted]) =>
    [wanted].flat().includes(facts[fact as keyof Facts] as never),
  )
}

describe('the end of a run', () => {
  it('is decided by exactly one row of the table, for every combination of facts', () => {
    expect(combinations.map((facts) => TABLE.filter(([, when]) => holds(when, facts)).length)).toEqual(
      combinations.map(() => 1),
    )
  })

  it.each(TABLE)('%s', (_name, when, decision) => {
    const matching = combinations.filter((facts) => holds(when, facts))
    for (const facts of matching) {
      expect({ facts, decision: decideEnd(endingOf(facts)) }).toEqual({ facts, decision })
    }
  })

  it('cannot be decided for an exit without a verdict', () => {
    const facts = combinations.find((each) => holds({ ...DONE, verified: 'unchecked' }, each))!
    expect(() => decideEnd({ ...endingOf(facts), verdict: null })).toThrow('it has no verdict')
  })
})
