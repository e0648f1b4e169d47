import { describe, expect, it } from 'vitest'
import { type DirectRun, FakeBoard, runDirect, startDirect } from './testing/direct.ts'
import type { Step } from './testing/scenario.ts'
import { wantedIn } from './wanted.ts'

const OPTIONS = [
  { optionId: 'always', kind: 'allow_always', name: 'Always' },
  { optionId: 'once', kind: 'allow_once', name: 'Once' },
  { optionId: 'never', kind: 'reject_always', name: 'Never' },
  { optionId: 'no', kind: 'reject_once', name: 'No' },
]
const CALL = { toolCallId: 'c1', title: 'npm test', kind: 'execute', rawInput: { command: 'npm test' } }
const asks = (more: Record<string, unknown> = {}): Step => ({
  request: 'session/request_permission',
  params: { toolCall: CALL, options: OPTIONS, ...more },
})
const answers = (run: { record: () => Record<string, unknown>[] }) =>
  run.record().filter(({ answered }) => answered === 'session/request_permission')

function refusing(why: string, turns: number): FakeBoard {
  const board = new FakeBoard()
  board.decide = () => Promise.resolve({ kind: 'refused', why })
  board.reports_after = turns
  return board
}

describe('a permission', () => {
  it('that is allowed is allowed once, although the agent lists “always” first', async () => {
    const board = new FakeBoard()
    const run = await runDirect({ name: 'gemini-cli', turns: [[asks()]] }, {}, board)
    expect(board.wanted).toEqual([{ tool_name: 'Bash', input: { command: 'npm test' }, title: 'npm test' }])
    expect(answers(run)).toMatchObject([{ result: { outcome: { outcome: 'selected', optionId: 'once' } } }])
  })

  it('that is refused is refused once', async () => {
    const run = await runDirect({ turns: [[asks()]] }, {}, refusing('No', 1))
    expect(answers(run)).toMatchObject([{ result: { outcome: { optionId: 'no' } } }])
  })

  it('that can only be allowed for good is refused, and nobody is asked', async () => {
    const board = new FakeBoard()
    const options = OPTIONS.filter(({ kind }) => kind !== 'allow_once')
    const run = await runDirect({ turns: [[asks({ options })]] }, {}, board)
    expect(answers(run)).toMatchObject([{ result: { outcome: { optionId: 'no' } } }])
    expect(board.wanted).toEqual([])
  })

  it('without a fitting option is cancelled', async () => {
    const run = await runDirect({ turns: [[asks({ options: OPTIONS.slice(0, 1) })]] })
    expect(answers(run)).toMatchObject([{ result: { outcome: { outcome: 'cancelled' } } }])
  })

  it('is in the log with its call, which Gemini CLI describes only there', async () => {
    const { lines } = await runDirect({ turns: [[asks()]] })
    expect(lines.slice(1, -1)).toEqual([
      { acp: 'call', id: 'c1', name: 'execute', text: 'npm test' },
      { acp: 'permission', title: 'npm test', decision: 'asked', why: '' },
      { acp: 'permission', title: 'npm test', decision: 'allowed', why: 'a rule' },
    ])
  })

  it('that the agent withdraws is also withdrawn on the board', async () => {
    const board = new FakeBoard()
    let isWithdrawn = false
    board.decide = (_wanted, signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          isWithdrawn = true
          resolve({ kind: 'withdrawn', why: 'the agent withdrew its request' })
        }),
      )
    const step = { ...asks(), withdrawn_at: '$DIR/gate' } as Step
    const run = startDirect({ turns: [[step]] }, {}, board)
    await run.until(({ acp }) => acp === 'permission')
    run.open('gate')

    expect(await run.ended).toBe(0)
    expect(isWithdrawn).toBe(true)
    expect(run.lines).toContainEqual(expect.objectContaining({ decision: 'withdrawn' }))
  })
})

describe('after a refused permission', () => {
  it.each(['opencode', 'qwen-code', 'copilot', 'codex-acp'])(
    '%s, which ends its turn then, learns why, and continues',
    async (name) => {
      const end = name === 'codex-acp' ? 'cancelled' : 'end_turn'
      const run = await runDirect(
        { name, turns: [[asks(), { end }], [{ say: 'Without' }]] },
        {},
        refusing('Use make', 2),
      )
      const prompts = run.got('session/prompt').map(({ params }) => params.prompt[0].text as string)
      expect(prompts[1]).toMatch(/was refused: Use make/)
      expect(run.lines).toContainEqual({ acp: 'said', text: 'Without' })
    },
  )

  it.each(['claude-agent-acp', 'gemini-cli'])('%s continues by itself', async (name) => {
    const run = await runDirect({ name, turns: [[asks()], []] }, {}, refusing('No', 2))
    const prompts = run.got('session/prompt').map(({ params }) => params.prompt[0].text as string)
    expect(prompts[1]).toContain('no report yet')
  })
})

describe('a form that the agent asks for', () => {
  const step = (mode: string): Step => ({
    request: 'elicitation/create',
    params: { mode, message: 'Which brass?', requestedSchema: { type: 'object', properties: {} } },
  })
  const answer = (run: DirectRun) => run.record().find(({ answered }) => answered === 'elicitation/create')

  it('is answered with what a person filled in', async () => {
    const board = new FakeBoard()
    board.form = () => Promise.resolve({ kind: 'answered', form: { brass: 'old' } })
    const run = await runDirect({ turns: [[step('form')]] }, {}, board)
    expect(answer(run)).toMatchObject({ result: { action: 'accept', content: { brass: 'old' } } })
  })

  it('is cancelled if nobody fills it in, and declined if it is a web page to open', async () => {
    expect(answer(await runDirect({ turns: [[step('form')]] }))).toMatchObject({
      result: { action: 'cancel' },
    })
    expect(answer(await runDirect({ turns: [[step('url')]] }))).toMatchObject({
      result: { action: 'decline' },
    })
  })
})

describe('what a call wants to do, in the terms of the rules', () => {
  const facts = {
    kind: null,
    name: null,
    input: {},
    paths: [] as string[],
    content: [] as Record<string, unknown>[],
  }
  const cases: [string, Record<string, unknown>, Partial<typeof facts>, [string, object]][] = [
    [
      'a command as text',
      { kind: 'execute', rawInput: { command: 'make' } },
      {},
      ['Bash', { command: 'make' }],
    ],
    [
      'a command as arguments of a shell',
      { kind: 'execute', rawInput: { command: ['/bin/bash', '-lc', 'make all'] } },
      {},
      ['Bash', { command: 'make all' }],
    ],
    [
      'a command as arguments, with one that a shell would split',
      { kind: 'execute', rawInput: { command: ['rm', 'a b; c'] } },
      {},
      ['Bash', { command: "rm 'a b; c'" }],
    ],
    ['an edit', { kind: 'edit', rawInput: { filePath: '/w/a' } }, {}, ['Edit', { file_path: '/w/a' }]],
    ['an edit that is only located', { kind: 'edit' }, { paths: ['/w/a'] }, ['Edit', { file_path: '/w/a' }]],
    [
      'a move: a rule must not see only one of its paths',
      { kind: 'move', rawInput: { path: '/w/a' } },
      { paths: ['/etc/b'] },
      ['Edit', { paths: ['/w/a', '/etc/b'] }],
    ],
    [
      'a read',
      { kind: 'read', rawInput: { absolute_path: '/etc/x' } },
      {},
      ['Read', { file_path: '/etc/x' }],
    ],
    ['a read of something unnamed', { kind: 'read', title: 'Read' }, {}, ['Call “Read”', {}]],
    [
      'one of our tools',
      { kind: 'other', title: 'complete (runboard MCP Server)' },
      {},
      ['mcp__runboard__complete', {}],
    ],
    ['one of our tools by its name', { name: 'mcp__runboard__block' }, {}, ['mcp__runboard__block', {}]],
    [
      'one of our tools, which Qwen Code names only in _meta: the title is its input',
      {
        kind: 'other',
        title: '{"note":"half"}',
        rawInput: { note: 'half' },
        _meta: { toolName: 'mcp__runboard__heartbeat' },
      },
      {},
      ['mcp__runboard__heartbeat', { note: 'half' }],
    ],
    [
      'one of our tools, in the words of Codex',
      {
        kind: 'execute',
        title: 'mcp.runboard.complete',
        rawInput: { server: 'runboard', tool: 'complete', arguments: { a: 1 } },
      },
      {},
      ['mcp__runboard__complete', { a: 1 }],
    ],
    [
      'a tool of a server with a like name',
      { name: 'mcp__runboard2__block' },
      {},
      ['mcp__runboard2__block', {}],
    ],
    [
      'a command that poses as one of our tools',
      { kind: 'execute', title: 'mcp__runboard__show' },
      {},
      ['Bash', { description: 'mcp__runboard__show' }],
    ],
    [
      'a title that begins like one of our tools',
      { kind: 'other', title: 'runboard.report needs the network', rawInput: { permissions: ['network'] } },
      {},
      ['Call “runboard.report needs the network”', { permissions: ['network'] }],
    ],
    [
      'a title with more after the name of our tool',
      { kind: 'other', title: 'complete (runboard MCP Server) and more' },
      {},
      ['Call “complete (runboard MCP Server) and more”', {}],
    ],
    [
      'a title like the name of a tool that we do not have',
      { kind: 'other', title: 'mcp__runboard__shell' },
      {},
      ['Call “mcp__runboard__shell”', {}],
    ],
    [
      'a command under the title of one of our tools',
      { kind: 'other', title: 'runboard_show', rawInput: { command: 'make' } },
      {},
      ['runboard_show', { command: 'make' }],
    ],
    ['a title like a tool of the rules', { kind: 'other', title: 'Grep' }, {}, ['Call “Grep”', {}]],
    [
      'a tool that only its title names',
      { kind: 'other', title: 'linear_create' },
      {},
      ['linear_create', {}],
    ],
    [
      'an input like a call of our server by another kind',
      { kind: 'other', title: 'proxy', rawInput: { server: 'runboard', tool: 'complete' } },
      {},
      ['proxy', { server: 'runboard', tool: 'complete' }],
    ],
    [
      'a command that poses as a search',
      { kind: 'search', rawInput: { path: '/w', command: 'make' } },
      {},
      ['Bash', { command: 'make' }],
    ],
    [
      'two commands: nobody knows which one runs',
      { kind: 'execute', title: 'T', rawInput: { command: 'make', cmd: 'rm x' } },
      {},
      ['Bash', { description: 'T', call: { command: 'make', cmd: 'rm x' } }],
    ],
    [
      'a command that only its title tells',
      { kind: 'execute', title: 'npm test', rawInput: { description: 'x' } },
      {},
      ['Bash', { description: 'npm test' }],
    ],
    [
      'a move to a place that only its own field names',
      { kind: 'move', rawInput: { path: '/w/a', destination: '/etc/b' } },
      {},
      ['Edit', { paths: ['/w/a', '/etc/b'] }],
    ],
    ['a move with one path', { kind: 'move', rawInput: { path: '/w/a' } }, {}, ['Edit', { paths: ['/w/a'] }]],
    [
      'a patch of several files',
      { kind: 'edit', rawInput: { patch: '*** Update File: /w/a\n+x\n*** Move to: /w/b\n' } },
      { paths: ['/w/a'] },
      ['Edit', { paths: ['/w/a', '/w/b'] }],
    ],
    [
      'a name that is too long for a question, with a line break',
      { name: `a\n${'b'.repeat(300)}` },
      {},
      [`a ${'b'.repeat(197)}…`, {}],
    ],
    ['a call without a name or title', {}, {}, ['Call “”', {}]],
  ]
  it.each(cases)('%s', (_name, call, more, [tool_name, input]) => {
    const wanted = wantedIn(call, { ...facts, ...more })
    expect(wanted).toMatchObject({ tool_name, input })
    // A rule decides on these fields, so they are there only if they are certain.
    for (const key of ['command', 'file_path']) expect(key in wanted.input).toBe(key in input)
  })

  it('an edit shows the lines that it changes, in the file that the change names', () => {
    const content = [{ type: 'diff', path: '/w/a', oldText: 'a\nb\n', newText: 'a\nc\n' }]
    const change = { file_path: '/w/a', old_string: 'b', new_string: 'c' }
    expect(wantedIn({ kind: 'edit' }, { ...facts, content }).input).toEqual(change)
    // The model cannot show another change than the agent does.
    const call = { kind: 'edit', rawInput: { path: 'a', new_string: 'harmless' } }
    expect(wantedIn(call, { ...facts, paths: ['/w/a'], content }).input).toEqual(change)
  })

  it('an edit of several files shows them all', () => {
    const diff = (path: string, newText: string) => ({ type: 'diff', path, oldText: '', newText })
    const content = [diff('/w/a', 'x'), diff('/etc/b', 'y')]
    expect(wantedIn({ kind: 'edit' }, { ...facts, paths: ['/w/a'], content }).input).toEqual({
      paths: ['/w/a', '/etc/b'],
      changes: [
        { file_path: '/w/a', old_string: '', new_string: 'x' },
        { file_path: '/etc/b', old_string: '', new_string: 'y' },
      ],
    })
  })
})
