import { setTimeout as delay } from 'node:timers/promises'

/**
 * So often is a condition looked at before it is given up. Looks and not seconds: on a machine that is busy they take
 * longer, and so does what is waited for.
 */
const LOOKS = 2_000
const PAUSE_MS = 10

/**
 * Waits for what comes by itself: workers, timers, other processes.
 *
 * @param what ends the sentence of the error: “… in vain for WHAT”
 * @returns what the condition gave, once it is truthy
 */
export async function until<T>(
  condition: () => Promise<T> | T,
  what = 'what the test waits for',
): Promise<NonNullable<T>> {
  for (let look = 0; look < LOOKS; look++) {
    const value = await condition()
    if (value) return value
    await delay(PAUSE_MS)
  }
  throw new Error(`looked ${LOOKS} times in vain for ${what}`)
}
