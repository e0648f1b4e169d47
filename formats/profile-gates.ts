/** Why a task waits for its profile. The kernel's answers and the live cards use the same wording. */
export interface ProfileGate {
  gate: 'profile_held' | 'profile_limit' | 'unknown_profile'
  sentence: string
  clears_at: number | null
  action: string | null
}

/** @param why the reason that was stored with the hold */
export function profileHeld(name: string, why: string, until: number | null): ProfileGate {
  return {
    gate: 'profile_held',
    sentence: `The profile ${name} is held: ${why}.`,
    clears_at: until,
    action: `profiles release ${name}`,
  }
}

/** @returns null while the profile has a free slot */
export function profileLimit(name: string, limit: number | null, running: number): ProfileGate | null {
  if (limit === null || running < limit) return null
  return {
    gate: 'profile_limit',
    sentence: `The profile ${name} runs ${limit} at once at most.`,
    clears_at: null,
    action: null,
  }
}

export function unknownProfile(name: string, task: string): ProfileGate {
  return {
    gate: 'unknown_profile',
    sentence: `There is no profile ${name}; a worker of that name may claim it by hand.`,
    clears_at: null,
    action: `profiles add ${name} … or assign ${task} PROFILE`,
  }
}
