import type { Card, ProfileState, Why } from '../../contract/index.ts'

/**
 * Why a card waits, by its profile as it is now. A profile is held, released, and reaches its limit without an event of the
 * tasks that wait for it: each card knows only how that was when it changed last.
 *
 * @param profiles as they were read last; empty while they are not here
 * @returns the kernel's order of reasons: what holds the task itself, then its profile, then what is up in time
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
    return {
      gate: 'profile_held',
      sentence: `The profile ${profile.name} is held: ${profile.held_why ?? 'until you release it'}.`,
      clears_at: profile.held_until,
      action: `profiles release ${profile.name}`,
    }
  }
  if (why !== null && why.gate !== 'profile_held') return why
  const limit = profile.max_concurrent
  if (limit === null || profile.running < limit) return null
  return {
    gate: 'profile_limit',
    sentence: `The profile ${profile.name} runs ${limit} at once at most.`,
    clears_at: null,
    action: null,
  }
}
