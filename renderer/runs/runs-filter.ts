import type { Outcome } from '../../contract/states.ts'
import { isFailure } from './run-words.ts'
import type { BoardRun } from './run-ledger.ts'

/** What the list of runs is narrowed to. It lives in the query part of the address. */
export interface RunsFilter {
  outcome: OutcomeGroup | null
  profile: string | null
  /** How far back, in hours; null is as far as is loaded. */
  hours: number | null
}

export const OUTCOME_GROUPS = ['running', 'failed', 'needs me', 'completed', 'other'] as const
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number]

export const SPANS: readonly { hours: number; label: string }[] = [
  { hours: 1, label: 'Last hour' },
  { hours: 24, label: 'Last 24 hours' },
  { hours: 168, label: 'Last 7 days' },
]

/** @param outcome null for a run that is still open */
export function groupOf(outcome: Outcome | null): OutcomeGroup {
  if (outcome === null) return 'running'
  if (isFailure(outcome)) return 'failed'
  if (outcome === 'blocked' || outcome === 'review_requested') return 'needs me'
  return outcome === 'completed' ? 'completed' : 'other'
}

export function parseRunsFilter(query: Readonly<Record<string, string>>): RunsFilter {
  const hours = Number(query['hours'])
  return {
    outcome: OUTCOME_GROUPS.find((group) => group === query['outcome']) ?? null,
    profile: query['profile'] ?? null,
    hours: SPANS.some((span) => span.hours === hours) ? hours : null,
  }
}

/** @returns the query part; what does not narrow anything is the empty text, which leaves it out */
export function formatRunsFilter({ outcome, profile, hours }: RunsFilter): Record<string, string> {
  return { outcome: outcome ?? '', profile: profile ?? '', hours: hours === null ? '' : String(hours) }
}

export function matchesRun(run: BoardRun, filter: RunsFilter, now: number): boolean {
  if (filter.outcome !== null && groupOf(run.outcome) !== filter.outcome) return false
  if (filter.profile !== null && run.profile !== filter.profile) return false
  return filter.hours === null || (run.ended_at ?? now) >= now - filter.hours * 3_600_000
}
