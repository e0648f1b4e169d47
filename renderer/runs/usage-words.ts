import type { Run } from '../../contract/index.ts'
import { costText, tokensText } from '../../formats/usage-text.ts'

/** The usage that an agent reported for a run, as in formats/agent-format.ts. */
interface UsageWords {
  /** `12.3K in, 4.5K out`; null when it reported no tokens. */
  tokens: string | null
  /** `$0.42`; null when it reported no cost. */
  cost: string | null
}

function numberIn(usage: Run['usage'], key: string): number | null {
  const value = usage?.[key]
  return typeof value === 'number' ? value : null
}

/** @returns the usage of a run, in words */
export function usageWords({ usage }: Pick<Run, 'usage'>): UsageWords {
  const parts = [
    ['input_tokens', 'in'],
    ['cached_input_tokens', 'cached'],
    ['output_tokens', 'out'],
  ].flatMap(([key = '', word = '']) => {
    const count = numberIn(usage, key)
    const text = tokensText(count)
    return text === null ? [] : [`${text} ${word}`]
  })
  return {
    tokens: parts.length === 0 ? null : parts.join(', '),
    cost: costText(numberIn(usage, 'cost_usd')),
  }
}
