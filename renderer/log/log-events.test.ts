import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventText } from '../../formats/log-words.ts'
import { recorded } from '../../formats/testing/recorded.ts'
import { eventPieces } from './event-pieces.ts'
import { LogEvents } from './log-events.ts'
import { LogText } from './log-text.ts'

function setup(content = '') {
  const log = new LogText()
  const events = new LogEvents(log)
  const grow = (text: string) => {
    log.append(text)
    events.look()
  }
  const shown = () => Array.from({ length: events.length }, (_, row) => events.text(row))
  grow(content)
  return { log, events, grow, shown }
}

const piece = (content: string) =>
  `${JSON.stringify({ type: 'message', role: 'assistant', content, delta: true })}\n`
const said = (text: string) =>
  `${JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text } })}\n`
const asks = (title: string, decision: string) =>
  `${JSON.stringify({ acp: 'permission', title, decision, why: '' })}\n`
const failed = (message: string) => `${JSON.stringify({ type: 'turn.failed', error: { message } })}\n`

describe('the events of a log', () => {
  it.each(['claude', 'codex', 'gemini', 'opencode'] as const)('are found in the output of %s', (agent) => {
    const { events, shown } = setup(recorded(agent).join('\n'))
    expect(events.found).toBe(true)
    expect(shown().join('\n')).not.toMatch(/^\{/m)
  })

  it('are not found in a log without events, whatever it looks like', () => {
    const lines = ['plain', '{ not json }', '{"a":1}', '{"type":"mine"}', '', '{"level":"deep","msg":"x"}']
    expect(setup(lines.join('\n')).events.found).toBe(false)
    expect(setup(`${'{"a":1}\n'.repeat(5_000)}${said('late')}`).events.found).toBe(false)
  })

  it('stay as they are until appended lines are looked at', () => {
    const { log, events, shown } = setup(failed('no route'))
    const before = shown()
    log.append(failed('no more'))
    expect(shown()).toEqual(before)
    events.look()
    expect(shown()).toEqual([...before, expect.stringContaining('no more')])
  })

  it('of one text share a row, also while it grows', () => {
    const { events, grow, shown } = setup(`first\n${piece('I loo')}`)
    grow(piece('k.').slice(0, 40))
    grow(piece('k.').slice(40))
    grow(`plain\n${piece('Done')}`)
    expect(shown()).toEqual(['first', 'I look.', 'plain', 'Done'])
    expect([0, 1, 2, 3, 4].map((line) => events.rowOf(line))).toEqual([0, 1, 1, 2, 3])
    expect(eventText(events.at(1)!)).toBe('I look.')
    expect(JSON.parse(events.json(3))).toMatchObject({ content: 'Done' })
    expect(events.json(1)).toMatch(/"I loo"[^]*"k\."/)
  })

  it('have the same rows however the log is split', () => {
    const parts = fc.array(
      fc.constantFrom(
        ...[piece('a'), piece('b'), said('c'), 'plain\n', '\n', '{"a":', '1}\n'],
        ...[asks('x', 'asked'), asks('x', 'allowed'), asks('y', 'asked'), asks('y', 'refused')],
      ),
      {
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 60 }), (all, size) => {
        const content = all.join('')
        const grown = setup()
        for (let at = 0; at < content.length; at += size) grown.grow(content.slice(at, at + size))
        expect(grown.shown()).toEqual(setup(content).shown())
      }),
    )
  })

  it('start again when the log does', () => {
    const { log, events, grow, shown } = setup(said('one') + said('two'))
    log.clear()
    events.look()
    grow(`${said('three')}plain\n`)
    expect(shown()).toEqual(['three', 'plain'])
    expect(eventText(events.at(0)!)).toBe('three')
  })

  it('do not repeat what was just said', () => {
    const result = { type: 'result', subtype: 'success', is_error: false, result: 'Done.', num_turns: 2 }
    const answer = { type: 'assistant', message: { content: [{ type: 'text', text: 'Done.' }] } }
    const { shown } = setup(`${JSON.stringify(answer)}\n${JSON.stringify(result)}\n`)
    expect(shown()).toEqual(['Done.', '■ Finished · 2 turns'])
    expect(setup(JSON.stringify(result)).shown()).toEqual(['Done.\n■ Finished · 2 turns'])
  })
})

describe('the conversation with an agent behind the bridge', () => {
  const line = (fields: object) => `${JSON.stringify(fields)}\n`
  const plan = (...statuses: string[]) =>
    line({ acp: 'plan', entries: statuses.map((status, n) => ({ content: `Step ${n}`, status })) })

  it('shows an answer in the place of its question, also when it comes later', () => {
    const { events, grow, shown } = setup(`${said('Hm.')}${asks('rm', 'asked')}`)
    expect(shown()).toEqual(['Hm.', '? Asks  rm'])
    grow(asks('rm', 'allowed'))
    grow(said('Done.'))
    expect(shown()).toEqual(['Hm.', '✓ Allowed  rm', 'Done.'])
    expect(events.json(1)).toMatch(/"asked"[^]*"allowed"/)
  })

  it('keeps questions apart that are open at once', () => {
    const { shown } = setup([asks('rm', 'asked'), asks('mv', 'asked'), asks('rm', 'refused')].join(''))
    expect(shown()).toEqual(['? Asks  rm', '? Asks  mv', '✗ Refused  rm'])
  })

  it('has the newest plan, of any agent, but not that of a subagent', () => {
    const { events, grow, log } = setup(said('Hm.'))
    expect(events.plan).toEqual([])
    grow(plan('in_progress', 'pending'))
    grow(plan('completed', 'in_progress'))
    expect(events.plan.map(({ status }) => status)).toEqual(['completed', 'in_progress'])
    const items = [{ text: 'Look', completed: true }]
    grow(line({ type: 'item.updated', item: { type: 'todo_list', items } }))
    expect(events.plan).toEqual([{ text: 'Look', status: 'completed' }])
    const todos = [{ content: 'Deep', status: 'pending' }]
    const call = { type: 'tool_use', name: 'TodoWrite', input: { todos } }
    const message = { type: 'assistant', message: { content: [call] } }
    grow(line({ ...message, parent_tool_use_id: 'task' }))
    expect(events.plan).toEqual([{ text: 'Look', status: 'completed' }])
    grow(line({ ...message, parent_tool_use_id: null }))
    expect(events.plan).toEqual([{ text: 'Deep', status: 'pending' }])
    log.clear()
    events.look()
    expect(events.plan).toEqual([])
  })
})

describe('the line at which a log opens', () => {
  const call = (exit_code: number) =>
    `${JSON.stringify({ type: 'item.completed', item: { type: 'command_execution', aggregated_output: 'error', exit_code } })}\n`

  it.each([
    [
      'the failed end, not the call that failed',
      said('I try.') + call(1) + failed('no more') + said('Bye.'),
      2,
    ],
    ['the failed call, if the end is not a failure', said('I try.') + call(1) + call(0) + said('Bye.'), 1],
    ['a plain line that explains it', said('error: in words') + 'Error: no route\n' + said('Bye.'), 1],
    ['none, if an agent only mentions errors', said('There was an error.') + call(0), null],
  ])('is %s', (_what, content, row) => {
    expect(setup(content).events.findError()).toBe(row)
  })
})

describe('an event in pieces', () => {
  const event = (text: string) => setup(said(text)).events.at(0)!

  it('has the colours of its words and those that the worker set', () => {
    const output = { type: 'tool_result', tool_id: 't', status: 'error', output: 'a\u001b[32mb\u001b[0m<b>' }
    expect(eventPieces(setup(JSON.stringify(output)).events.at(0)!, 100).parts).toEqual([
      { text: '  ✗ ', classes: 'ansi-red-fg', href: null },
      { text: 'a', classes: 'ansi-red-fg', href: null },
      { text: 'b', classes: 'ansi-red-fg ansi-green-fg', href: null },
      { text: '<b>', classes: 'ansi-red-fg', href: null },
    ])
  })

  it('is cut if it is long, and says how much is left out', () => {
    const { parts, left } = eventPieces(event('x'.repeat(50)), 20)
    expect([parts.map(({ text }) => text).join(''), left]).toEqual(['x'.repeat(20), 30])
  })
})
