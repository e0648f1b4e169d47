/**
 * Sessions of coding agents that continue from one attempt to the next: whether an attempt resumes the session of an earlier
 * one, and if not, why.
 */

/** Whether a profile’s attempts may resume an earlier session. */
export const RESUME_RULES = ['auto', 'never'] as const

/** The session that a person may ask for in the next attempt. */
export const SESSION_REQUESTS = ['resume', 'fresh'] as const
export type SessionRequest = (typeof SESSION_REQUESTS)[number]

/** Why the session of an attempt was resumed or fresh. All but `resumed` mean a fresh session. */
export const SESSION_CHOICES = [
  /** The attempt resumed the session of `resumed_from_run`. */
  'resumed',
  /** A person asked for a fresh session. */
  'asked',
  /** The profile never resumes a session. */
  'never',
  /** The step of the workflow starts a fresh session. */
  'new_step',
  /** The earlier attempt has no known session. */
  'no_session',
  /** The earlier session belongs to another agent. */
  'other_agent',
  /** The earlier attempt had another role: a reviewer never gets the session of the builder. */
  'other_role',
  /** The earlier attempt worked in another folder. */
  'other_workspace',
  /** The earlier attempt ended because the agent was not logged in. */
  'login',
  /** The earlier attempt ended because its session was full. */
  'full',
  /** The command of the profile takes no session to resume. */
  'unsupported',
  /** The agent refused to resume the session, so the attempt began a fresh one. */
  'refused',
] as const
export type SessionChoice = (typeof SESSION_CHOICES)[number]
