import type { ProfileState } from '../../contract/index.ts'
import { asSentence } from './sentence.ts'
import { shortTime } from './time.ts'

/**
 * Says that a profile is held, until when and why, for a line after its name.
 *
 * @param now milliseconds since the epoch
 * @returns `is rate-limited until 16:20`, and the reason; the reason is empty when the state already says it
 */
export function holdWords(
  { held_until, held_why }: Pick<ProfileState, 'held_until' | 'held_why'>,
  now: number,
): { state: string; why: string } {
  const reason = (held_why ?? '').replace(/^rate[ -]limited[.:,]?\s*/i, '')
  const state =
    held_until === null
      ? 'is held until you release it'
      : `is ${reason === held_why ? 'held' : 'rate-limited'} until ${shortTime(held_until, now)}`
  return { state, why: reason === '' ? '' : ` · ${asSentence(reason)}` }
}
