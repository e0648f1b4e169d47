import { setTimeout as delay } from 'node:timers/promises'

/**
 * How often a condition is checked before we give up. Counted in checks and not in seconds: on a busy machine both
 * the checks and the awaited event take longer.
 */
const LOOKS = 2_000
const PAUSE_MS = 10

/**
 * Waits for something asynchronous: workers, timers, other processes.
 *
 * @param what ends the sentence of the error: “… in vain for WHAT”
 * @returns the first truthy result of the condition
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
