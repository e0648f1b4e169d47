import type { Coalescer } from '../shared/coalescer.ts'
import type { LiveFeed } from '../shared/live.svelte.ts'

/**
 * Renews whenever a run changes, a board is restored, or the connection is back.
 *
 * @returns a function that stops this, and cancels a renewal that is due
 */
export function renewOnRuns(feed: LiveFeed, renewing: Coalescer): () => void {
  const ends = [
    feed.subscribe(({ kind, run_id }) => {
      if (run_id !== null || kind === 'board_restored') renewing.soon()
    }),
    feed.onReconnect(() => renewing.soon()),
  ]
  return () => {
    ends.forEach((end) => end())
    renewing.stop()
  }
}
