import type { Coalescer } from '../shared/coalescer.ts'
import type { LiveFeed } from '../shared/live.svelte.ts'

/**
 * Asks for a renewal whenever a run changes, or the connection is back.
 *
 * @returns a function that stops it, and the renewal that is due
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
