import { expect, it } from 'vitest'
import { UsageMeter } from './usage.ts'

const turn = (inputTokens: number, outputTokens: number) => ({
  usage: { inputTokens, outputTokens, cachedReadTokens: 0 },
})
const used = (input_tokens: number, output_tokens: number) => ({
  input_tokens,
  output_tokens,
  cost_usd: null,
})

it('the tokens of an agent that counts since its start are those of each turn, also in a session that it has loaded', () => {
  for (const isNew of [true, false]) {
    const meter = new UsageMeter('process', isNew)
    expect(meter.endTurn(turn(2000, 100))).toMatchObject(used(2000, 100))
    expect(meter.endTurn(turn(5000, 150))).toMatchObject(used(3000, 50))
  }
})

it('the tokens of the last request alone are left out', () => {
  expect(new UsageMeter('request', true).endTurn(turn(2000, 100))).toBeUndefined()
})
