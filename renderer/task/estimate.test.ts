import { describe, expect, it } from 'vitest'
import { estimateOf } from './estimate.ts'

const run = (
  elapsed_ms: number,
  outcome: 'completed' | 'crashed' = 'completed',
  spawned_at: number | null = 1,
) => ({
  elapsed_ms,
  outcome,
  spawned_at,
})

describe('the usual time of a profile', () => {
  it('is the median of its finished runs', () => {
    expect(estimateOf([run(1000), run(9000), run(2000)])).toEqual({ ms: 2000, runs: 3 })
    expect(estimateOf([run(1000), run(9000), run(2000), run(4000)])).toEqual({ ms: 3000, runs: 4 })
  })

  it('is unknown with fewer than three runs', () => {
    expect(estimateOf([run(1000), run(2000)])).toBeNull()
  })

  it('counts neither failures nor runs without a worker', () => {
    expect(estimateOf([run(1000), run(2000), run(5, 'crashed'), run(0, 'completed', null)])).toBeNull()
  })
})
