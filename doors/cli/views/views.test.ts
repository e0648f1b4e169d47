import { expect, it } from 'vitest'
import {
  BLANK_TASK,
  type BoardEvent,
  type Card,
  type Run,
  type Task,
  type TaskDetail,
} from '../../../contract/index.ts'
import { createPaint } from './paint.ts'
import { printView } from './index.ts'
import type { Printer } from './printer.ts'
import { table } from './table.ts'
import { cut, oneLine, visible, widthOf } from './text.ts'
import { bytes, duration, relative, seconds } from './time.ts'

const NOW = Date.UTC(2026, 5, 1, 12)
const MINUTE = 60_000

function printer(changes: Partial<Printer> = {}): Printer {
  const width = changes.width ?? Number.POSITIVE_INFINITY
  return { paint: createPaint(false), width, terminal: false, now: NOW, verb: [], ...changes }
}

/** Rows that the views print; columns that no view prints may be missing. */
const TASK = {
  ...BLANK_TASK,
  id: 't_00000001',
  title: 'Fix the parser',
  body: 'It breaks.\n\nOn Mondays.',
  status: 'ready',
  assignee: 'claude',
  priority: 5,
  created_by: 'ada',
  created_at: NOW - 120 * MINUTE,
  updated_at: NOW,
  retry_at: NOW + 40_000,
  ready_at: NOW,
  consecutive_failures: 1,
  last_failure_error: 'exit 1',
  max_runtime_seconds: 5400,
  skills: ['ts'],
} as Task

const RUN = {
  id: 7,
  task_id: TASK.id,
  attempt: 1,
  profile: 'claude',
  step_key: null,
  trigger: 'dispatcher',
  outcome: 'crashed',
  worker_pid: 4711,
  host: 'here',
  claim_expires_at: null,
  max_runtime_seconds: null,
  ready_at: NOW - 61 * MINUTE,
  started_at: NOW - 60 * MINUTE,
  spawned_at: NOW - 60 * MINUTE + 20,
  first_output_at: null,
  last_heartbeat_at: null,
  last_heartbeat_note: null,
  stop_requested_at: null,
  stop_outcome: null,
  ended_at: NOW - 57 * MINUTE,
  elapsed_ms: 3 * MINUTE,
  exit_code: 1,
  signal: null,
  summary: null,
  metadata: null,
  error: 'exit 1: no such file\nat line 3',
  headline: 'exit 1: no such file',
  error_fingerprint: null,
  log_path: '/logs/7.log',
  command: ['sh', '-c', 'work'],
  workspace_path: '/w',
  agent: null,
  agent_session_id: null,
  resumed_from_run: null,
  session_choice: null,
  observed: {
    files_changed: ['a', 'b'],
    peak_rss_bytes: 3_000_000,
    leftover_pids: [17, 18],
    possible_leftover_pids: [19],
  },
  usage: null,
} as Run

const RUNNING: Run = {
  ...RUN,
  id: 12,
  attempt: 10,
  outcome: null,
  error: null,
  headline: null,
  exit_code: null,
  ended_at: null,
  started_at: NOW - 12_300,
  elapsed_ms: 12_300,
  last_heartbeat_note: 'reading',
}

const DONE: Run = {
  ...RUN,
  id: 8,
  attempt: 2,
  outcome: 'completed',
  error: null,
  headline: null,
  exit_code: 0,
  summary: 'Parser fixed.',
  metadata: { changed_files: ['a.ts', 'b.ts'], tests_run: 4 },
}

const EVENT: BoardEvent = {
  id: 1,
  task_id: TASK.id,
  run_id: 7,
  kind: 'crashed',
  payload: { exit_code: 1, error: 'two\nlines', nothing: null },
  actor: 'dispatcher',
  created_at: NOW,
}

const CARD = {
  ...TASK,
  parents: [],
  children: [],
  open_parents: [],
  comment_count: 0,
  children_done: 0,
  unmerged_parents: [],
  uncommitted_files: null,
  progress: null,
  attempt_count: 1,
  last_outcome: 'crashed',
  last_shown_outcome: 'crashed',
  latest_summary: null,
  run_started_at: null,
  run_heartbeat_at: null,
  run_heartbeat_note: null,
  why: {
    gate: 'retry_at',
    sentence: 'It waits out its backoff.',
    clears_at: NOW + 40_000,
    action: 'retry t_00000001',
  },
} as Card

const DETAIL: TaskDetail = {
  task: TASK,
  questions: [],
  comments: [
    { id: 1, task_id: TASK.id, run_id: null, author: 'ada', body: 'Look\nhere', created_at: NOW - MINUTE },
  ],
  events: [EVENT],
  links: { parents: ['t_0000000a'], children: [] },
  unmerged_parents: [],
  runs: [RUN, DONE],
  attachments: [],
  why: CARD.why,
}

it('A7: lists say that a run ended without a report', () => {
  const error = 'It exited with 0 but did not report: no complete, block or request-review.'
  const run = { ...RUN, exit_code: 0, error }
  expect(printView('runs', { runs: [run] }, printer())).toMatch(/^ *1 {2}ended without a report {2}claude/)
  const card = { ...CARD, last_shown_outcome: 'ended_without_a_report' as const }
  expect(printView('cards', { tasks: [card] }, printer())).toContain('ended without a report')
})

it('runs: one line per attempt, with its result below', () => {
  expect(printView('runs', { runs: [RUN, DONE, RUNNING] }, printer())).toBe(
    [
      ' 1  crashed    claude  3 min  1 h ago   exit 1',
      '    exit 1: no such file',
      ' 2  completed  claude  3 min  1 h ago   exit 0',
      '    Parser fixed.',
      '10  running    claude  12 s   12 s ago',
      '    reading',
      '',
    ].join('\n'),
  )
})

it('run: what was observed, and what it left running', () => {
  const text = printView('run', { run: RUN, context: null, events: [] }, printer())
  expect(text).toMatch(
    /observed +2 files, peak memory .*, left running: pid 17, 18, a hidden process could not be ruled out: pid 19\n/,
  )
})

it('show: the items of a task, and what it is an item of', () => {
  const text = printView(
    'detail',
    {
      ...DETAIL,
      items: [
        {
          key: 'a',
          position: 1,
          state: 'succeeded',
          joined: null,
          put_right: null,
          task: { id: 't_0000000b', title: 'A', status: 'done' },
        },
        { key: 'b', position: 2, state: 'let_go', joined: null, put_right: null, task: null },
      ],
      item_of: { task_id: 't_0000000c', title: 'All', step: 'each', key: 'x', state: 'open' },
    },
    printer(),
  )
  expect(text).toContain('\nItems\n    a  succeeded  t_0000000b done\n    b  let_go  its card was deleted\n')
  expect(text).toMatch(/item of +t_0000000c “All”, item “x”\n/)
})

it('show: everything about a task', () => {
  const text = printView('detail', DETAIL, printer())
  for (const part of [
    't_00000001  ready  Fix the parser\n',
    'profile      claude\n',
    'created      2 h ago by ada\n',
    'retries      in 40 s (',
    'blocked by   t_0000000a\n',
    'max runtime  1 h 30 min\n',
    'why          It waits out its backoff. (in 40 s (',
    'runboard retry t_00000001\n',
    '\nText\n  It breaks.\n\n  On Mondays.\n',
    '\nRuns\n  1  crashed    claude  3 min  1 h ago  exit 1\n     exit 1: no such file\n',
    '\nComments\n  ada, 1 min ago\n    Look\n    here\n',
    'crashed             run 7 by dispatcher exit_code=1 error=two lines\n',
  ]) {
    expect(text).toContain(part)
  }
})

it('list: aligned columns, empty ones left out, cut to the terminal', () => {
  const long = {
    ...CARD,
    id: 't_00000002',
    title: 'A title that is quite a bit longer than the other',
    why: null,
  }
  const wide = printView('cards', { tasks: [CARD, long] }, printer())
  expect(wide.split('\n')[0]).toBe(
    'ID          STATUS  PRI  PROFILE  RUNS  LAST     AGE  TITLE                                              NOTE',
  )
  expect(wide).toContain('It waits out its backoff.\n')
  const narrow = printView('cards', { tasks: [CARD, long] }, printer({ width: 90, terminal: true }))
  for (const line of narrow.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(90)
  expect(narrow).toContain('…')
  expect(printView('cards', { tasks: [] }, printer())).toBe('No tasks.\n')
})

it('colours change nothing but colours', () => {
  const painted = printView('cards', { tasks: [CARD] }, printer({ paint: createPaint(true) }))
  expect(painted).toContain('\u001b[36mready\u001b[39m')
  expect(visible(painted)).toBe(printView('cards', { tasks: [CARD] }, printer()))
})

it('no view lets a worker’s text move the cursor', () => {
  const evil = 'a\u001b]0;title\u0007b\u001b[2Jc\rd\u0000e\u009bf\u202eg\u001b'
  const bad = (text: string | null) => (text === null ? null : `${text}${evil}`)
  const run = {
    ...DONE,
    summary: bad('s'),
    error: bad('e'),
    last_heartbeat_note: bad('n'),
    metadata: { [evil]: evil },
  }
  const task = {
    ...TASK,
    title: evil,
    body: evil,
    block_reason: evil,
    block_kind: 'needs_input' as const,
    tenant: evil,
  }
  const answers: [string, unknown][] = [
    ['runs', { runs: [run] }],
    ['run', { run, context: evil, events: [{ ...EVENT, payload: { [evil]: evil } }] }],
    [
      'detail',
      { ...DETAIL, task, runs: [run], comments: [{ ...DETAIL.comments[0], body: evil, author: evil }] },
    ],
    ['cards', { tasks: [{ ...CARD, title: evil, latest_summary: evil, why: null }] }],
    ['task', { task, run }],
    ['why', { why: { ...CARD.why, sentence: evil }, notes: [evil] }],
    ['events', { ...EVENT, actor: evil, payload: { note: evil } }],
    ['context', { context: evil }],
    [
      'board',
      { board: { slug: 'b', name: evil, project_dir: evil, settings: {}, counts: {}, created_at: NOW } },
    ],
    ['report', { anything: evil, list: [evil], [evil]: 1 }],
  ]
  for (const [view, answer] of answers) {
    const text = printView(view, answer, printer({ terminal: true, width: 120 }))
    // eslint-disable-next-line no-control-regex -- the test asserts that there are none
    expect(text, view).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(text, view).not.toContain('title\u0007')
  }
})

it('a worker gets its context unchanged', () => {
  const context = 'coloured \u001b[31mred\u001b[0m\n'
  expect(printView('context', { context }, printer())).toBe(context)
})

it('why prints the reason and what to type', () => {
  expect(printView('why', { why: CARD.why, notes: [] }, printer())).toMatch(
    /^It waits out its backoff\.\nClears by itself in 40 s \(.*\)\.\n→ runboard retry t_00000001\n$/,
  )
  expect(printView('why', { why: null, notes: [] }, printer())).toBe('Nothing blocks it.\n')
})

it('claim shows its secret and how to act as the run', () => {
  const claimed = { ...RUNNING, claim_expires_at: NOW + 15 * MINUTE }
  const text = printView('claim', { task: TASK, run: claimed, claim: 's3cret' }, printer())
  expect(text).toContain('claim      s3cret\n')
  expect(text).toContain('expires    in 15 min (')
  expect(text).toContain('export RUNBOARD_TASK=t_00000001 RUNBOARD_RUN=12 RUNBOARD_CLAIM=s3cret\n')
})

it('dispatch says what was claimed and why the rest was not', () => {
  const answer = {
    claimed: [{ task_id: 't_1', run_id: 3, profile: 'claude' }],
    skipped: [{ task_id: 't_2', gate: 'held', sentence: 'It is held.' }],
    dry_run: false,
  }
  expect(printView('dispatch', answer, printer())).toBe(
    'Claimed 1 task, skipped 1.\n  t_1  claude  run 3\n  t_2      It is held.\n',
  )
})

it('doctor and gc', () => {
  const checks = [
    { name: 'home', board: null, ok: true, sentence: 'It is yours alone.' },
    { name: 'integrity', board: 'main', ok: false, sentence: 'Two pages are damaged.' },
  ]
  expect(printView('doctor', { ok: false, checks }, printer())).toBe(
    'Home\n  ok     home: It is yours alone.\n\nBoard main\n  wrong  integrity: Two pages are damaged.\n\n1 thing to look at.\n',
  )
  const report = {
    dry_run: true,
    events_removed: 3,
    logs: [{ task_id: 't_1', path: '/l', size_bytes: 2048 }],
    workspaces: [
      { task_id: 't_1', path: '/w1', moved_to: null, kept: null },
      { task_id: 't_2', path: '/w2', moved_to: null, kept: 'It has changes.' },
    ],
    leftovers: [],
    trash: [{ path: '/old', age_days: 40 }],
  }
  const text = printView('gc', report, printer())
  for (const part of ['events would go   3\n', '1 (2.0 KB)', '/w2: It has changes.', '/old (40 days)']) {
    expect(text).toContain(part)
  }
})

it('short answers', () => {
  expect([0, 420, 1500, 59_999, 60_000, 200_000, 7_500_000, 90_000_000].map(duration)).toEqual([
    '0 ms',
    '420 ms',
    '1.5 s',
    '59 s',
    '1 min',
    '3 min 20 s',
    '2 h 5 min',
    '1 d 1 h',
  ])
  expect([relative(NOW - 500, NOW), relative(NOW - 90_000, NOW), relative(NOW + 7_200_000, NOW)]).toEqual([
    'now',
    '1 min ago',
    'in 2 h',
  ])
  expect([0, 90, 1800, 7200, 86_400].map(seconds)).toEqual(['0 s', '1 min 30 s', '30 min', '2 h', '1 d'])
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(bytes)).toEqual(['0 B', '1023 B', '1.5 KB', '5.0 GB'])
  expect([widthOf('abc'), widthOf('日本'), widthOf('é'), widthOf('🎉')]).toEqual([3, 4, 1, 2])
  expect(cut('日本語テキスト', 7)).toBe('日本語…')
  expect(oneLine(' a\n\n b\tc ')).toBe('a b c')
  expect(table([{ a: '' }], [{ header: 'A', text: (row) => row.a }], 80, (text) => text)).toBe('\n\n')
})

it('quotes an error in the command that lists its runs: a worker chose its words', () => {
  const run = { ...RUN, title: TASK.title, same_error_tasks: 0 }
  const error = { fingerprint: "can't $(touch x)", runs: 1, tasks: 1, first_at: NOW, last_at: NOW, run }
  const text = printView('errors', { errors: [error], total: 1 }, printer())
  expect(text).toContain(`runboard list-runs --fingerprint 'can'\\''t $(touch x)'\n`)
})
