import { describe, expect, it } from 'vitest'
import { parseAgentOutput } from './agent-output.ts'

const log = (...events: unknown[]) =>
  events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))).join('\n')

describe('the output of Claude Code', () => {
  const said = (text: string) => ({ type: 'assistant', message: { content: [{ type: 'text', text }] } })
  const result = (text: string) => ({
    type: 'result',
    result: text,
    total_cost_usd: 0.42,
    num_turns: 7,
    usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 3 },
  })

  it('gives tokens, cost and turns in its result line, whatever was printed before', () => {
    expect(parseAgentOutput('claude-json', log('starting {not json', result('done')), 30).usage).toEqual({
      input_tokens: 10,
      cached_input_tokens: 5,
      output_tokens: 3,
      cost_usd: 0.42,
      turns: 7,
    })
  })

  it('says how much of its context the newest request used, not what a subagent used', () => {
    const request = (input: number, parent_tool_use_id: string | null = null) => ({
      type: 'assistant',
      message: {
        content: [{ type: 'text', text: 'Hm.' }],
        usage: { input_tokens: input, cache_read_input_tokens: 1_000, output_tokens: 20 },
      },
      parent_tool_use_id,
    })
    const text = log(request(5), request(40), request(9_000, 'task'), said('Done.'))
    expect(parseAgentOutput('claude-json', text, 30).context).toEqual({ used: 1_060, size: null })
    expect(parseAgentOutput('claude-json', log(said('Done.')), 30).context).toBeNull()
  })

  it('is read as its messages, not as the events that carry them', () => {
    const text = log(
      { type: 'system', subtype: 'init', tools: ['Bash'] },
      said('I look at the tests.'),
      { type: 'assistant', message: { content: [{ type: 'tool_use', name: 'Bash', input: {} }] } },
      { type: 'user', message: { content: [{ type: 'tool_result', content: 'HTTP 429 in a fixture' }] } },
      said('All of them pass.\nNothing is left.'),
      result('All of them pass.\nNothing is left.'),
    )
    expect(parseAgentOutput('claude-json', text, 30)).toMatchObject({
      said: 'All of them pass.\nNothing is left.',
      lines: ['I look at the tests.', 'All of them pass.', 'Nothing is left.'],
    })
  })

  it('names the retries of its calls, the only output while a key is refused', () => {
    const retry = { type: 'system', subtype: 'api_retry', attempt: 3, max_retries: 10, error_status: 401 }
    expect(parseAgentOutput('claude-json', log({ ...retry, error: 'authentication_failed' }), 30).said).toBe(
      'authentication_failed (401), retry 3 of 10',
    )
  })
})

describe('the output of Codex', () => {
  const turn = (input_tokens: number) => ({
    type: 'turn.completed',
    usage: { input_tokens, cached_input_tokens: 1, output_tokens: 2 },
  })

  it('gives the tokens of its thread in its last turn', () => {
    const text = log(
      turn(10),
      { type: 'item.completed', item: { type: 'agent_message', text: 'Done.' } },
      turn(20),
    )
    expect(parseAgentOutput('codex-json', text, 30)).toEqual({
      usage: { input_tokens: 20, cached_input_tokens: 1, output_tokens: 2, cost_usd: null, turns: 2 },
      context: null,
      said: 'Done.',
      ending: { kind: 'success' },
      hasWorked: true,
      lines: ['Done.'],
      plain: [],
    })
  })

  it('gives an error once, even if it ends the turn as well', () => {
    const message = 'exceeded retry limit, last status: 429 Too Many Requests'
    const text = log(
      'WARNING: no aliases',
      { type: 'error', message },
      { type: 'turn.failed', error: { message } },
    )
    expect(parseAgentOutput('codex-json', text, 30)).toMatchObject({
      said: message,
      lines: ['WARNING: no aliases', message],
    })
  })
})

describe('the output of Gemini CLI', () => {
  const piece = (content: string) => ({ type: 'message', role: 'assistant', content, delta: true })

  it('comes in pieces, separated by tool calls', () => {
    const text = log(
      'Ripgrep is not available.',
      { type: 'message', role: 'user', content: 'do it' },
      piece('I loo'),
      piece('k.'),
      { type: 'tool_use', tool_name: 'read_file' },
      piece('It is '),
      piece('done.\nAll'),
      piece(' of it.'),
      { type: 'result', status: 'success', stats: { input_tokens: 9, cached: 4, output_tokens: 2 } },
    )
    expect(parseAgentOutput('gemini-json', text, 3)).toEqual({
      usage: { input_tokens: 9, cached_input_tokens: 4, output_tokens: 2, cost_usd: null, turns: null },
      context: null,
      said: 'It is done.\nAll of it.',
      ending: { kind: 'success' },
      hasWorked: true,
      lines: ['I look.', 'It is done.', 'All of it.'],
      plain: [],
    })
  })

  it('ends with its error', () => {
    const text = log(piece('I try.'), {
      type: 'result',
      status: 'error',
      error: { message: 'The key is not valid.' },
    })
    expect(parseAgentOutput('gemini-json', text, 30).said).toBe('The key is not valid.')
  })
})

describe('the output of OpenCode', () => {
  it('gives tokens and cost in its steps', () => {
    const step = { tokens: { input: 10, output: 3, cache: { read: 2 } }, cost: 0.25 }
    const text = log(
      { type: 'text', part: { text: 'Done.' } },
      { type: 'step_finish', part: step },
      { type: 'step_finish', part: step },
    )
    expect(parseAgentOutput('opencode-json', text, 30)).toEqual({
      usage: { input_tokens: 20, cached_input_tokens: 4, output_tokens: 6, cost_usd: 0.5, turns: 2 },
      context: null,
      said: 'Done.',
      ending: { kind: 'success' },
      hasWorked: true,
      lines: ['Done.'],
      plain: [],
    })
  })

  it.each([
    [{ name: 'APIError', data: { message: 'The key is not valid.' } }, 'The key is not valid.'],
    [{ name: 'MessageAbortedError' }, 'MessageAbortedError'],
  ])('ends with its error', (error, said) => {
    expect(parseAgentOutput('opencode-json', log({ type: 'error', error }), 30).said).toBe(said)
  })
})

describe('the answer of a successful run', () => {
  it('is not an error that the agent recovered from and logged after it', () => {
    const text = log(
      { type: 'item.completed', item: { type: 'agent_message', text: 'All is done.' } },
      { type: 'item.completed', item: { type: 'error', message: 'The plugin list could not be loaded.' } },
      { type: 'turn.completed', usage: {} },
    )
    expect(parseAgentOutput('codex-json', text, 30)).toMatchObject({
      said: 'All is done.',
      ending: { kind: 'success' },
    })
  })
})

describe('a log that does not match its profile', () => {
  it('is read as plain lines, without colours', () => {
    expect(parseAgentOutput('claude-json', '\u001b[31mno such model\u001b[0m\n[1, 2]\n', 30)).toEqual({
      usage: null,
      context: null,
      said: '[1, 2]',
      ending: null,
      hasWorked: false,
      lines: ['no such model', '[1, 2]'],
      plain: ['no such model', '[1, 2]'],
    })
  })

  it('is empty when none of it is text', () => {
    expect(parseAgentOutput('codex-json', log('', { type: 'thread.started' }), 30)).toEqual({
      usage: null,
      context: null,
      said: null,
      ending: { kind: 'unfinished' },
      hasWorked: false,
      lines: [],
      plain: [],
    })
  })

  it('keeps each line short, and only the last lines', () => {
    const { lines } = parseAgentOutput('claude-json', log('first', 'x'.repeat(5_000)), 1)
    expect(lines).toEqual([`${'x'.repeat(999)}…`])
  })
})
