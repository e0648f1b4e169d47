/**
 * A longer pause than this between two readings was no time that anybody could have worked in. Whoever needs the clock
 * reads it far more often.
 */
const LONGEST_GAP_MS = 15_000

/**
 * Time that passes only while the machine is awake, in milliseconds since the first reading: limits on how long a worker
 * may take are counted by it, as a worker that slept with its machine has taken no longer for it. The clock of the wall
 * goes on in sleep, and people and time servers set it.
 *
 * A monotonic clock alone would not do: on Linux it stands still in sleep, on macOS and Windows it may go on. So a gap that
 * is too long counts as sleep, on whichever system; a process that was itself stopped for a while looks the same.
 *
 * @param monotonic milliseconds; never goes back
 * @returns a function that reads the clock
 */
export function awakeClock(monotonic: () => number = () => performance.now()): () => number {
  let last = monotonic()
  let awake = 0
  return () => {
    const now = monotonic()
    const gap = now - last
    last = now
    if (gap <= LONGEST_GAP_MS) awake += gap
    return awake
  }
}
