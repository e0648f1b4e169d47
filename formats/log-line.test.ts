import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failureIn, isPiece, readLogLine } from './log-line.ts'
import { eventText } from './log-words.ts'
import { LogReading } from './log-reading.ts'
import { recorded } from './testing/recorded.ts'

const AGENTS = ['claude', 'codex', 'copilot', 'gemini', 'opencode'] as const

/** Joins the pieces of one text on one line, as they are shown. */
function readWhole(lines: readonly string[]): string {
  const reading = new LogReading()
  return lines
    .map((line, index) => {
      const { event, continues } = reading.put(line)
      const before = index === 0 || continues ? '' : '\n'
      return before + (event === null ? line : eventText(event))
    })
    .join('')
}

const shown = (event: object) => {
  const read = readLogLine(JSON.stringify(event))
  return read === null ? null : eventText(read)
}

it.each(AGENTS)('puts what %s writes into words', async (agent) => {
  await expect(`${readWhole(recorded(agent))}\n`).toMatchFileSnapshot(`testing/${agent}.txt`)
})

it.each(AGENTS)('recognizes each event of %s by its own format only', async (agent) => {
  const { AGENT_FORMATS } = await import('./agent-formats.ts')
  const events = recorded(agent).filter((line) => line.startsWith('{'))
  for (const line of events) {
    const json = JSON.parse(line) as Record<string, unknown>
    const owners = Object.entries(AGENT_FORMATS).filter(([, { owns }]) => owns(json))
    expect(
      owners.map(([name]) => name),
      line,
    ).toEqual([`${agent}-json`])
  }
})

const type = fc.constantFrom(
  ...[
    'assistant',
    'user',
    'system',
    'result',
    'item.completed',
    'item.started',
    'item.updated',
    'turn.completed',
  ],
  ...[
    'thread.started',
    'turn.failed',
    'init',
    'message',
    'tool_use',
    'tool_result',
    'error',
    'text',
    'reasoning',
  ],
  ...[
    'step_finish',
    'thinking',
    'command_execution',
    'mcp_tool_call',
    'file_change',
    'todo_list',
    'web_search',
  ],
)

describe('events that are documented but were not recorded', () => {
  it.each([
    [
      { type: 'result', subtype: 'error_max_turns', is_error: true, num_turns: 5, session_id: 's' },
      '■ Failed · error max turns · 5 turns',
    ],
    [
      {
        type: 'result',
        subtype: 'success',
        is_error: true,
        result: 'Credit balance is too low',
        num_turns: 1,
      },
      '✗ Credit balance is too low\n■ Failed · 1 turn',
    ],
    [
      { type: 'assistant', message: { content: [{ type: 'redacted_thinking', data: 'x' }] } },
      '· redacted_thinking {"data":"x"}',
    ],
    [
      {
        type: 'user',
        message: { content: [{ type: 'tool_result', content: [{ type: 'image', source: {} }] }] },
      },
      '  ✓ [image]',
    ],
    [{ type: 'rate_limit_event', session_id: 's', uuid: 'u', left: 3 }, '· rate limit event {"left":3}'],
    [
      {
        type: 'item.started',
        item: {
          type: 'mcp_tool_call',
          server: 'runboard',
          tool: 'complete',
          arguments: { summary: 'It shines' },
        },
      },
      '● runboard.complete  It shines',
    ],
    [
      {
        type: 'item.completed',
        item: { type: 'mcp_tool_call', status: 'failed', error: { message: 'no such task' } },
      },
      '  ✗ no such task',
    ],
    [
      {
        type: 'item.updated',
        item: {
          type: 'todo_list',
          items: [
            { text: 'Look', completed: true },
            { text: 'Mend', completed: false },
          ],
        },
      },
      '● plan  ☑ Look ☐ Mend',
    ],
    [{ type: 'turn.failed', error: { message: 'no more' } }, '✗ no more\n■ Failed'],
    [{ type: 'error', timestamp: 't', severity: 'warning', message: 'loop' }, '✗ loop'],
    [
      {
        type: 'result',
        timestamp: 't',
        status: 'error',
        error: { type: 'E', message: 'The key is not valid.' },
      },
      '✗ The key is not valid.\n■ Failed',
    ],
    [{ type: 'error', sessionID: 's', error: { name: 'APIError', data: { message: 'no key' } } }, '✗ no key'],
    [{ type: 'novelty', sessionID: 's', part: { id: 'p', text: 'new' } }, '· novelty {"text":"new"}'],
  ])('%j', (event, words) => {
    expect(shown(event)).toBe(words)
  })
})

describe('long texts', () => {
  it('a result shows its start and how much was left out', () => {
    const result = (output: string) => shown({ type: 'tool_result', tool_id: 't', status: 'success', output })
    expect(result('1\n2\n3\n4\n5\n')).toBe('  ✓ 1\n    2\n    3\n    … 2 more lines')
    expect(result('x'.repeat(1_500))).toBe(`  ✓ ${'x'.repeat(400)}\n    … 1,100 more characters`)
  })

  it('a command shows its first line', () => {
    const call = (command: string) => shown({ type: 'tool_use', tool_name: 'shell', parameters: { command } })
    expect(call('cat > a <<E\nb\nE')).toBe('● shell  cat > a <<E …')
  })
})

describe('JSON log lines of programs', () => {
  it.each([
    [{ level: 30, time: 1531171074631, pid: 657, hostname: 'h', msg: 'hello' }, 'INFO  hello'],
    [
      {
        name: 'app',
        hostname: 'h',
        pid: 1,
        level: 50,
        msg: 'refused',
        err: { message: 'no route', stack: '…' },
        v: 0,
      },
      'ERROR refused  name=app err="no route"',
    ],
    [{ level: 'warn', ts: 1.5, caller: 'a.go:3', msg: 'slow', ms: 20 }, 'WARN  slow  caller=a.go:3 ms=20'],
    [{ severity: 'CRITICAL', message: 'down', labels: { a: 1 } }, 'FATAL down  labels={"a":1}'],
    [{ time: 't', level: 'DEBUG', msg: 'a\nb' }, 'DEBUG a\n      b'],
  ])('%j', (line, words) => {
    expect(shown(line)).toBe(words)
  })
})

describe('a line without an event', () => {
  it.each([
    'plain',
    '',
    '{ not json',
    '[1, 2]',
    '{"a":1}',
    '{"level":"constructor","msg":"x"}',
    '{"level":"deep","msg":"x"}',
    '"text"',
    '{}',
  ])('%j stays unchanged', (line) => {
    expect(readLogLine(line)).toBeNull()
  })

  it.each(['[', '{"a":'])('endless nesting by %s stays unchanged', (open) => {
    const close = open === '[' ? ']' : '}'
    const line = (depth: number) => `{"type":"x","a":${open.repeat(depth)}1${close.repeat(depth)}}`
    expect(readLogLine(line(5_000))).toBeNull()
    expect(readLogLine(line(50))).not.toBeNull()
    expect(readLogLine(JSON.stringify({ type: 'x', text: `\\"${open.repeat(5_000)}` }))).not.toBeNull()
  })

  it('an unknown event is shown by its type and its content, cut, and marked as unknown', () => {
    const event = readLogLine(JSON.stringify({ type: 'build', note: 'y'.repeat(500) }))
    expect(event).toMatchObject({ known: false })
    expect(eventText(event!)).toMatch(/^· build \{"note":"y{150,}…$/)
  })
})

it('an event without its fields is still shown', () => {
  const types = ['assistant', 'user', 'system', 'result', 'item.completed', 'item.started', 'turn.completed']
  const more = [
    'thread.started',
    'init',
    'message',
    'tool_use',
    'tool_result',
    'error',
    'text',
    'step_finish',
  ]
  const rests = [{}, { message: {} }, { item: {} }, { part: {}, sessionID: 's' }, { subtype: 'x' }]
  for (const type of [...types, ...more]) {
    for (const rest of rests) expect(shown({ type, ...rest }), type).toMatch(/\S/)
  }
})

it('nothing that a worker writes breaks the reader: it is shown as an event or left unchanged', () => {
  const nasty = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>({ toString: 1 }, [{ toString: 1 }], 'constructor', '__proto__', 'toString'),
  )
  const field = fc.constantFrom(
    ...[
      'subtype',
      'message',
      'item',
      'part',
      'sessionID',
      'session_id',
      'uuid',
      'role',
      'content',
      'tool_name',
    ],
    ...[
      'tool_id',
      'severity',
      'status',
      'error',
      'errors',
      'model',
      'result',
      'level',
      'msg',
      'stats',
      'usage',
    ],
    ...['parameters', 'thread_id', 'lvl', 'event', 'reason', 'description'],
  )
  const inner = fc.dictionary(
    fc.constantFrom(
      'type',
      'text',
      'name',
      'input',
      'content',
      'tool',
      'state',
      'server',
      'changes',
      'command',
      'tokens',
    ),
    fc.oneof(nasty, type),
  )
  const event = fc.tuple(
    type,
    fc.dictionary(field, fc.oneof(nasty, inner, fc.array(inner, { maxLength: 2 }))),
  )
  fc.assert(
    fc.property(event, ([kind, fields]) => {
      const read = readLogLine(JSON.stringify({ ...fields, type: kind }))
      if (read !== null) expect(eventText(read)).toMatch(/\S/)
    }),
    { numRuns: 3_000 },
  )
})

it('tells a failed run from a failed call within it', () => {
  const failures = recorded('claude')
    .map((line) => readLogLine(line))
    .map((event) => event && failureIn(event))
  expect(failures).toContain('call')
  expect(failures).not.toContain('end')
  const end = readLogLine(JSON.stringify({ type: 'turn.failed', error: { message: 'no' } }))
  expect(failureIn(end!)).toBe('end')
})

it('recognizes a piece of a text without parsing it', () => {
  const pieces = recorded('gemini').filter(isPiece)
  expect(pieces.length).toBeGreaterThan(10)
  for (const line of pieces) expect(JSON.parse(line)).toMatchObject({ role: 'assistant', delta: true })
})
