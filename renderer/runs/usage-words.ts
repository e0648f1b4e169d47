import type { Run } from '../../contract/index.ts'

const dollars = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
})
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

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
    return count === null ? [] : [`${compact.format(count)} ${word}`]
  })
  const cost = numberIn(usage, 'cost_usd')
  return {
    tokens: parts.length === 0 ? null : parts.join(', '),
    cost: cost === null ? null : dollars.format(cost),
  }
}
