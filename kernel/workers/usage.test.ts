import { describe, expect, test } from 'vitest'
import { parseUsage } from './usage.ts'

describe('usage', () => {
  test('of Claude Code is read from its result line, whatever was printed before', () => {
    const text = [
      'starting {not json',
      JSON.stringify({
        type: 'result',
        result: 'done',
        total_cost_usd: 0.42,
        num_turns: 7,
        usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 3 },
      }),
    ].join('\n')
    expect(parseUsage('claude-json', text)).toEqual({
      input_tokens: 10,
      cached_input_tokens: 5,
      output_tokens: 3,
      cost_usd: 0.42,
      turns: 7,
    })
  })

  test('of Codex is the sum over its turns', () => {
    const turn = (input_tokens: number) =>
      JSON.stringify({
        type: 'turn.completed',
        usage: { input_tokens, cached_input_tokens: 1, output_tokens: 2 },
      })
    expect(parseUsage('codex-json', `${turn(10)}\n{"type":"item.completed"}\n${turn(20)}\n`)).toEqual({
      input_tokens: 30,
      cached_input_tokens: 2,
      output_tokens: 4,
      cost_usd: null,
      turns: 2,
    })
  })

  test('is null when the tool said nothing, or is not asked', () => {
    expect(parseUsage('claude-json', 'hello')).toBeNull()
    expect(parseUsage('none', '{"type":"result"}')).toBeNull()
  })
})
