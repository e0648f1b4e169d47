import type { Run, SessionChoice } from '../contract/index.ts'

/** Why an attempt begins a fresh session. `earlier` names the attempt whose session was considered. */
const WHY_FRESH: Readonly<Record<Exclude<SessionChoice, 'resumed'>, (earlier: string) => string>> = {
  asked: () => 'a person asked for it',
  never: () => 'the profile never resumes',
  new_step: () => 'its step begins a new one on each visit',
  no_session: (earlier) => `${earlier} has no known session`,
  other_agent: (earlier) => `${earlier} used another agent`,
  other_role: (earlier) => `${earlier} had another role`,
  other_workspace: (earlier) => `${earlier} worked in another folder`,
  login: (earlier) => `${earlier} was not logged in`,
  full: (earlier) => `the session of ${earlier} is full`,
  unsupported: () => 'the command of the profile takes no session to resume',
  refused: (earlier) => `the agent refused to continue the session of ${earlier}`,
}

/** @param attempt the attempt whose session was considered; null when only its run is known */
export function whyFresh(choice: Exclude<SessionChoice, 'resumed'>, attempt: number | null): string {
  return WHY_FRESH[choice](attempt === null ? 'the earlier attempt' : `attempt ${attempt}`)
}

/** @returns `continues the session of attempt 2`, or `fresh: attempt 2 worked in another folder` */
export function sessionWords(choice: SessionChoice, attempt: number): string {
  return choice === 'resumed'
    ? `continues the session of attempt ${attempt}`
    : `fresh: ${whyFresh(choice, attempt)}`
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
  if (attempt !== null) return `continues the session of attempt ${attempt}`
  return resumed_from_run === null
    ? 'continues the session of an earlier attempt'
    : `continues the session of run ${resumed_from_run}`
}
