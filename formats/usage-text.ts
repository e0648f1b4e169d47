import { numberFormat } from './number-format.ts'

/** Numbers of tokens and money, as every door shows them. */

const dollars = numberFormat({
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
})
const roundDollars = numberFormat({ style: 'currency', currency: 'USD' })
const compact = numberFormat({ notation: 'compact', maximumFractionDigits: 1 })
const percent = numberFormat({ style: 'percent', maximumFractionDigits: 0 })

/** @returns `12.3K`; null for an unknown number */
export function tokensText(tokens: number | null): string | null {
  return tokens === null ? null : compact(tokens)
}

/** @returns `$0.42`, and below a dollar more digits where they matter; null for an unknown cost */
export function costText(cost: number | null): string | null {
  return cost === null ? null : (cost < 1 ? dollars : roundDollars)(cost)
}

/** @returns `83%`; null for an unknown part */
export function percentText(part: number | null): string | null {
  return part === null ? null : percent(part)
}
