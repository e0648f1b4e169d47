import { expect, it } from 'vitest'
import { usageWords } from './usage-words.ts'

it('shows tokens and cost if they are known', () => {
  const usage = {
    input_tokens: 12_345,
    cached_input_tokens: 900,
    output_tokens: 4500,
    cost_usd: 0.4217,
    turns: 3,
  }
  expect(usageWords({ usage })).toEqual({ tokens: '12.3K in, 900 cached, 4.5K out', cost: '$0.4217' })
  expect(usageWords({ usage: { input_tokens: 7, output_tokens: null } })).toEqual({
    tokens: '7 in',
    cost: null,
  })
  expect(usageWords({ usage: { cost_usd: 2 } })).toEqual({ tokens: null, cost: '$2.00' })
  expect(usageWords({ usage: null })).toEqual({ tokens: null, cost: null })
  expect(usageWords({ usage: { input_tokens: 'many' } })).toEqual({ tokens: null, cost: null })
})
