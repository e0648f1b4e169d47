/** Why a task waits for its profile. The kernel's answers and the live cards use the same wording. */
export interface ProfileGate {
  gate: 'profile_held' | 'profile_limit' | 'unknown_profile'
  sentence: string
  clears_at: number | null
  action: string | null
}

/**
 * @param why the reason that was stored with the hold
 * @param until when a rate limit ends; null for a hold that only a person ends
 */
export function profileHeld(name: string, why: string, until: number | null): ProfileGate {
  return {
    gate: 'profile_held',
    sentence: `Profile ${name} is ${until === null ? `held: ${why}` : why.replace(/^rate limited/, 'rate-limited')}.`,
    clears_at: until,
    action: `profiles release ${name}`,
  }
}

/** @returns null while the profile has a free slot */
export function profileLimit(name: string, limit: number | null, running: number): ProfileGate | null {
  if (limit === null || running < limit) return null
  return {
    gate: 'profile_limit',
    sentence: `Waiting for a free ${name} worker (${running} of ${limit} busy).`,
    clears_at: null,
    action: null,
  }
}

export function unknownProfile(name: string, task: string): ProfileGate {
  return {
    gate: 'unknown_profile',
    sentence: `Profile ${name} not found; a worker of that name may claim the task by hand.`,
    clears_at: null,
    action: `profiles add ${name} … or assign ${task} PROFILE`,
  }
}
