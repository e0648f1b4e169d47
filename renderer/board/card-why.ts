import type { Card, ProfileState, Why } from '../../contract/index.ts'
import { profileHeld, profileLimit } from '../../formats/profile-gates.ts'

const OF_PROFILE: readonly string[] = ['profile_held', 'profile_limit', 'unknown_profile']

/**
 * The tasks that a card waits for: the first by its title, and how many more.
 *
 * @param titleOf undefined for a task that is not on the board as loaded
 */
export function parentNames(
  { open_parents: [first, ...rest] }: Pick<Card, 'open_parents'>,
  titleOf: (id: string) => string | undefined,
): string {
  if (first === undefined) return 'its parents'
  const name = `“${titleOf(first) ?? first}”`
  return rest.length === 0 ? name : `${name} and ${rest.length} more`
}

/**
 * Why a card waits, by the current state of its profile. A profile is held, released and reaches its limit without an
 * event of the tasks that wait for it, so a card alone knows only the state at its own last change.
 *
 * @param profiles as last read; empty until they are loaded
 * @returns the reason in the kernel's order: the task itself, then its profile, then its time
 */
export function shownWhy(
  card: Pick<Card, 'status' | 'assignee' | 'why'>,
  profiles: readonly ProfileState[],
  now: number,
): Why {
  const { why } = card
  const profile = profiles.find(({ name }) => name === card.assignee)
  if (card.status !== 'ready' || profile === undefined || why?.gate === 'held') return why
  if (profile.held_since !== null && (profile.held_until === null || profile.held_until > now)) {
    return profileHeld(profile.name, profile.held_why ?? 'until you release it', profile.held_until)
  }
  if (why !== null && !OF_PROFILE.includes(why.gate)) return why
  return profileLimit(profile.name, profile.max_concurrent, profile.running)
}
