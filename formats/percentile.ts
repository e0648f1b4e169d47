/**
 * @param values in any order
 * @returns the smallest value that at least `percent` of all values do not exceed (nearest rank); null without values
 */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null
}
