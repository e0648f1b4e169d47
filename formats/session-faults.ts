import { errorHeadline } from './own-errors.ts'

/** What an error of an agent says about its session: that a login is missing, or that the session is full. */
export type SessionFault = 'login' | 'full'

const LOGIN = new RegExp(
  [
    String.raw`not logged in|please (?:run )?/?log ?in|run /login|login required|not authenticated`,
    String.raw`invalid (?:api|authentication) ?key|authentication[_ ](?:error|failed|required)|no authentication`,
    String.raw`oauth token (?:has )?(?:expired|been revoked)|\b401\b|unauthorized|unauthenticated`,
  ].join('|'),
  'i',
)

const FULL = new RegExp(
  [
    String.raw`prompt is too long|input is too long|too many (?:input )?tokens`,
    String.raw`context[ _](?:window|length)|maximum context|ran out of (?:room|context)`,
    String.raw`exceeds? (?:the |its )?(?:model|maximum).{0,40}(?:tokens|length)`,
  ].join('|'),
  'i',
)

/**
 * Guesses from the error of a run whether it failed because of its session. A wrong guess only costs a fresh session with the
 * whole context.
 *
 * @param error the error of the run; only its headline counts, because the output below may be about anything
 */
export function sessionFault(error: string | null): SessionFault | null {
  const said = errorHeadline(error)
  if (said === null) return null
  if (FULL.test(said)) return 'full'
  return LOGIN.test(said) ? 'login' : null
}
