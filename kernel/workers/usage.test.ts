import { describe, expect, test } from 'vitest'
import { parseReset, parseUsage } from './usage.ts'

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

describe('the end of a rate limit', () => {
  const now = Date.UTC(2026, 10, 22, 12)
  const at = now + 3_600_000

  test.each([
    [`Claude AI usage limit reached|${at / 1000}`, at],
    [`limit resets at ${at / 1000}`, at],
    [`quota resets at ${new Date(at).toISOString()}`, at],
    ['429: retry after 90', now + 90_000],
    ['Rate limited. Try again in 2 minutes.', now + 120_000],
    ['please try again in 1.5s', now + 1_500],
  ])('is read from “%s”', (line, expected) => {
    expect(parseReset(['first', line, 'last'], now)).toBe(expected)
  })

  test.each(['rate limit', 'resets at 1000000000', 'retry after lunch', 'resets at 2090-01-01T00:00:00Z'])(
    'is unknown from “%s”',
    (line) => {
      expect(parseReset([line], now)).toBeNull()
    },
  )
})
