import { describe, expect, it } from 'vitest'
import { type DirectRun, FakeBoard, runDirect, startDirect } from './testing/direct.ts'
import { wantedIn } from './permission.ts'
import type { Step } from './testing/scenario.ts'

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

  it('without a fitting option is cancelled', async () => {
    const run = await runDirect({ turns: [[asks({ options: OPTIONS.slice(2) })]] })
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
    ['a read of something unnamed', { kind: 'read', title: 'Read it' }, {}, ['Read it', {}]],
    [
      'a tool of ours',
      { kind: 'other', title: 'complete (runboard MCP Server)' },
      {},
      ['mcp__runboard__complete', {}],
    ],
    ['a tool of ours by its name', { name: 'mcp__runboard__block' }, {}, ['mcp__runboard__block', {}]],
    [
      'a tool of ours as Codex tells of it',
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
      'a command that poses as a tool of ours',
      { kind: 'execute', title: 'mcp__runboard__x' },
      {},
      ['Bash', { command: 'mcp__runboard__x' }],
    ],
  ]
  it.each(cases)('%s', (_name, call, more, [tool_name, input]) => {
    expect(wantedIn(call, { ...facts, ...more })).toMatchObject({ tool_name, input })
  })

  it('an edit shows the lines that it changes', () => {
    const content = [{ type: 'diff', path: '/w/a', oldText: 'a\nb\n', newText: 'a\nc\n' }]
    expect(wantedIn({ kind: 'edit' }, { ...facts, paths: ['/w/a'], content }).input).toEqual({
      file_path: '/w/a',
      old_string: 'b',
      new_string: 'c',
    })
  })
})
