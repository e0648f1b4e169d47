import type { Run, SessionChoice } from '../contract/index.ts'

/** Why an attempt begins a fresh session. `earlier` names the attempt whose session was considered. */
const WHY_FRESH: Readonly<Record<Exclude<SessionChoice, 'resumed'>, (earlier: string) => string>> = {
  asked: () => 'a person asked for it',
  never: () => 'the profile never resumes',
  new_step: () => 'its step begins a new one on each visit',
  no_session: (earlier) => `${earlier} has no session that is known`,
  other_agent: (earlier) => `${earlier} was of another agent`,
  other_role: (earlier) => `${earlier} was of another role`,
  other_workspace: (earlier) => `the workspace of ${earlier} is another one`,
  login: (earlier) => `${earlier} was not logged in`,
  full: (earlier) => `the session of ${earlier} is full`,
  unsupported: () => 'the command of the profile cannot be told which session to go on with',
  refused: (earlier) => `the agent refused to go on from ${earlier}`,
}

/** @param attempt the attempt whose session was considered; null when only its run is known */
export function whyFresh(choice: Exclude<SessionChoice, 'resumed'>, attempt: number | null): string {
  return WHY_FRESH[choice](attempt === null ? 'the earlier attempt' : `attempt ${attempt}`)
}

/** @returns `goes on from attempt 2`, or `fresh: the workspace of attempt 2 is another one` */
export function sessionWords(choice: SessionChoice, attempt: number): string {
  return choice === 'resumed' ? `goes on from attempt ${attempt}` : `fresh: ${whyFresh(choice, attempt)}`
}

/**
 * The session of a run, in words.
 *
 * @param attemptOf the attempt of another run of its task, if it is known
 * @returns null for a first attempt, and for a worker without sessions
 */
export function runSessionWords(
  { resumed_from_run, session_choice }: Pick<Run, 'resumed_from_run' | 'session_choice'>,
  attemptOf: (run: number) => number | null,
): string | null {
  if (session_choice === null) return null
  if (session_choice !== 'resumed') return `fresh: ${whyFresh(session_choice, null)}`
  const attempt = resumed_from_run === null ? null : attemptOf(resumed_from_run)
  if (attempt !== null) return `goes on from attempt ${attempt}`
  return resumed_from_run === null
    ? 'goes on from an earlier attempt'
    : `goes on from run ${resumed_from_run}`
}
