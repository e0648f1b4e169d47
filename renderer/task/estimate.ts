import type { Client, Run } from '../../contract/index.ts'
import { toasts } from '../shared/toasts.svelte.ts'

/** How long a profile usually works on a task. */
export interface Estimate {
  /** The median, in milliseconds. */
  ms: number
  /** The number of runs it was computed from. */
  runs: number
}

/** With fewer runs, the median means little. */
const LEAST_RUNS = 3
const MOST_RUNS = 100

/** @returns the median of finished runs; null for fewer than three */
export function estimateOf(
  runs: readonly Pick<Run, 'elapsed_ms' | 'outcome' | 'spawned_at'>[],
): Estimate | null {
  const finished = runs
    .filter(
      ({ outcome, spawned_at }) =>
        spawned_at !== null && (outcome === 'completed' || outcome === 'review_requested'),
    )
    .map(({ elapsed_ms }) => elapsed_ms)
    .sort((a, b) => a - b)
  if (finished.length < LEAST_RUNS) return null
  const middle = finished.length >> 1
  const [above, below] = [finished[middle] ?? 0, finished[middle - 1] ?? 0]
  return { ms: finished.length % 2 === 1 ? above : (above + below) / 2, runs: finished.length }
}

/** Estimates from the newest finished runs of a profile on this board. Ignores runs that had no worker. */
export async function readEstimate(client: Client, board: string, profile: string): Promise<Estimate | null> {
  try {
    const { runs } = await client.run.list({
      board,
      profile,
      outcomes: ['completed', 'review_requested'],
      limit: MOST_RUNS,
    })
    return estimateOf(runs)
  } catch (error) {
    toasts.fail(error, 'The usual time could not be read')
    return null
  }
}
