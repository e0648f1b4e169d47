import type { Outcome, ShownOutcome } from '../contract/index.ts'
import { isNotReported } from './own-errors.ts'

/** @returns null for a run that is still open */
export function shownOutcome(run: { outcome: Outcome | null; error: string | null }): ShownOutcome | null {
  return run.outcome === 'crashed' && isNotReported(run.error) ? 'ended_without_a_report' : run.outcome
}

/**
 * Scripts know outcomes by name, so these are shown as they are. Only the one that is not in the data is put into
 * words.
 */
export function shownOutcomeName(outcome: ShownOutcome): string {
  return outcome === 'ended_without_a_report' ? 'ended without a report' : outcome
}
