import type { Outcome } from '../contract/index.ts'
import { isNotReported } from './own-errors.ts'

/**
 * An outcome as people see it. A run that ended well without the report that its profile owes is `crashed` in the data,
 * where it counts as a failure; to a person nothing has crashed, and the work may be done.
 */
export type ShownOutcome = Outcome | 'ended_without_a_report'

/** @returns null for a run that is still open */
export function shownOutcome(run: { outcome: Outcome | null; error: string | null }): ShownOutcome | null {
  return run.outcome === 'crashed' && isNotReported(run.error) ? 'ended_without_a_report' : run.outcome
}

/** @returns how the last attempt of a task ended; null where none has */
export function shownLastOutcome(card: {
  last_outcome: Outcome | null
  last_failure_error: string | null
}): ShownOutcome | null {
  return shownOutcome({ outcome: card.last_outcome, error: card.last_failure_error })
}
