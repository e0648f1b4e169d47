/** A longer gap between two readings counts as sleep. Callers that need the clock read it far more often. */
const LONGEST_GAP_MS = 15_000

/** In milliseconds. Unlike `performance`, it loads nothing. */
const monotonicTime = () => Number(process.hrtime.bigint()) / 1e6

/**
 * A clock that advances only while the machine is awake, in milliseconds since the first reading. Limits on workers
 * use it, because a worker that slept with its machine has not worked longer. Wall time advances during sleep, and
 * people and time servers set it. A monotonic clock alone is not enough: during sleep it stands still on Linux but
 * may advance on macOS and Windows. So a gap that is too long counts as sleep on every system; a process that was
 * itself stopped for a while looks the same.
 *
 * @param monotonic milliseconds; never goes back
 * @returns a function that reads the clock
 */
export function awakeClock(monotonic: () => number = monotonicTime): () => number {
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
