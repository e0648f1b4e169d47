import { statement } from '../db/statement.ts'

/** Why a profile starts nothing at present. */
export interface ProfileStateRow {
  profile: string
  held_kind: 'systemic_failure' | 'rate_limited'
  held_since: number
  held_why: string
  held_until: number | null
}

export const all = statement<Record<never, never>, ProfileStateRow>('SELECT * FROM profile_state')

export const of = statement<{ profile: string }, ProfileStateRow>(
  'SELECT * FROM profile_state WHERE profile = :profile',
)

/** Holds a profile; zero rows if it is already held at least as long. */
export const hold = statement<ProfileStateRow>(`
  INSERT INTO profile_state (profile, held_kind, held_since, held_why, held_until)
  VALUES (:profile, :held_kind, :held_since, :held_why, :held_until)
  ON CONFLICT (profile) DO UPDATE SET
    held_kind = excluded.held_kind, held_since = excluded.held_since, held_why = excluded.held_why,
    held_until = excluded.held_until
  WHERE profile_state.held_until IS NOT NULL
    AND (excluded.held_until IS NULL OR excluded.held_until > profile_state.held_until)`)

export const release = statement<{ profile: string }>('DELETE FROM profile_state WHERE profile = :profile')

/** Rate limits whose time has come. */
export const expired = statement<{ now: number }, ProfileStateRow>(
  'SELECT * FROM profile_state WHERE held_until IS NOT NULL AND held_until <= :now',
)

/** Holds that began in the future: the clock has been set back since. */
export const fromFuture = statement<{ from: number }, ProfileStateRow>(
  'SELECT * FROM profile_state WHERE held_until IS NOT NULL AND held_since > :from',
)

export const setHold = statement<{ profile: string; held_since: number; held_until: number }>(
  'UPDATE profile_state SET held_since = :held_since, held_until = :held_until WHERE profile = :profile',
)
