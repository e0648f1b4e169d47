/**
 * Sessions of coding agents that go on over attempts: whether the next attempt goes on with the session of an earlier one, and
 * why not.
 */

/** Whether a profile’s attempts may go on with an earlier session. */
export const RESUME_RULES = ['auto', 'never'] as const
export type ResumeRule = (typeof RESUME_RULES)[number]

/** What a person may ask for the next attempt. */
export const SESSION_REQUESTS = ['resume', 'fresh'] as const
export type SessionRequest = (typeof SESSION_REQUESTS)[number]

/** Why an attempt has the session that it has. All but `resumed` mean a fresh session. */
export const SESSION_CHOICES = [
  /** It went on with the session of `resumed_from_run`. */
  'resumed',
  /** A person asked for a fresh one. */
  'asked',
  /** The profile says never. */
  'never',
  /** The step of the workflow starts a new one. */
  'new_step',
  /** The earlier attempt has no session that is known. */
  'no_session',
  /** The earlier session belongs to another agent. */
  'other_agent',
  /** The earlier attempt was of another role: a reviewer never gets the session of the builder. */
  'other_role',
  /** The earlier attempt worked in another folder. */
  'other_workspace',
  /** The earlier attempt ended because the agent was not logged in. */
  'login',
  /** The earlier attempt ended because its session was full. */
  'full',
  /** The command of the profile cannot be told which session to go on with. */
  'unsupported',
  /** The agent refused to go on with it, so the attempt began a fresh one. */
  'refused',
] as const
export type SessionChoice = (typeof SESSION_CHOICES)[number]
