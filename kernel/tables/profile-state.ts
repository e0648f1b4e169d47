import { statement } from '../db/statement.ts'

/** A hold: why a profile starts no workers at present. A profile without a row is not held. */
export interface ProfileStateRow {
  profile: string
  held_kind: 'systemic_failure' | 'rate_limited'
  held_since: number
  held_why: string
  /** When a rate limit ends; null for a systemic failure, which holds until a person releases or edits the profile. */
  held_until: number | null
}

export const all = statement<Record<never, never>, ProfileStateRow>('SELECT * FROM profile_state')

export const of = statement<{ profile: string }, ProfileStateRow>(
  'SELECT * FROM profile_state WHERE profile = :profile',
)

/** Holds a profile. Only a longer hold replaces another: zero rows if the present one lasts at least as long. */
export const hold = statement<ProfileStateRow>(`
  INSERT INTO profile_state (profile, held_kind, held_since, held_why, held_until)
  VALUES (:profile, :held_kind, :held_since, :held_why, :held_until)
  ON CONFLICT (profile) DO UPDATE SET
    held_kind = excluded.held_kind, held_since = excluded.held_since, held_why = excluded.held_why,
    held_until = excluded.held_until
  WHERE profile_state.held_until IS NOT NULL
    AND (excluded.held_until IS NULL OR excluded.held_until > profile_state.held_until)`)

export const release = statement<{ profile: string }>('DELETE FROM profile_state WHERE profile = :profile')

/** Holds that have ended. Only those of rate limits have an end. */
export const expired = statement<{ now: number }, ProfileStateRow>(
  'SELECT * FROM profile_state WHERE held_until IS NOT NULL AND held_until <= :now',
)

/** Holds that began in the future, because the clock was set back since. Those without an end need no correction. */
export const fromFuture = statement<{ from: number }, ProfileStateRow>(
  'SELECT * FROM profile_state WHERE held_until IS NOT NULL AND held_since > :from',
)

/** Moves a hold in time, after the clock has been set back. */
export const setHold = statement<{ profile: string; held_since: number; held_until: number }>(
  'UPDATE profile_state SET held_since = :held_since, held_until = :held_until WHERE profile = :profile',
)
