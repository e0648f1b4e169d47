import type { OperationInput } from '../../contract/index.ts'

/** The filter of the list of runs. It is stored in the query part of the address. */
export interface RunsFilter {
  outcome: OutcomeGroup | null
  profile: string | null
  /** How many hours back; null means all runs. */
  hours: number | null
  /** The fingerprint of an error: runs that failed the same way. */
  error: string | null
}

export const OUTCOME_GROUPS = ['running', 'failed', 'needs me', 'completed', 'other'] as const
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number]

export const SPANS: readonly { hours: number; label: string }[] = [
  { hours: 1, label: 'Last hour' },
  { hours: 24, label: 'Last 24 hours' },
  { hours: 168, label: 'Last 7 days' },
]

export const NO_FILTER: RunsFilter = { outcome: null, profile: null, hours: null, error: null }

type ListInput = Omit<OperationInput<'run.list'>, 'board'>

const GROUP_INPUTS: Record<OutcomeGroup, ListInput> = {
  running: { open: true },
  failed: { failed: true },
  'needs me': { outcomes: ['blocked', 'review_requested'] },
  completed: { outcomes: ['completed'] },
  other: { outcomes: ['stopped', 'reclaimed', 'rate_limited'] },
}

export function parseRunsFilter(query: Readonly<Record<string, string>>): RunsFilter {
  const hours = Number(query['hours'])
  return {
    outcome: OUTCOME_GROUPS.find((group) => group === query['outcome']) ?? null,
    profile: query['profile'] || null,
    hours: SPANS.some((span) => span.hours === hours) ? hours : null,
    error: query['error'] || null,
  }
}

/** @returns the query part; an empty text leaves a parameter out */
export function formatRunsFilter({ outcome, profile, hours, error }: RunsFilter): Record<string, string> {
  return {
    outcome: outcome ?? '',
    profile: profile ?? '',
    hours: hours === null ? '' : String(hours),
    error: error ?? '',
  }
}

/**
 * @param now milliseconds since the epoch
 * @returns the input for `run.list`
 */
export function listInput({ outcome, profile, hours, error }: RunsFilter, now: number): ListInput {
  return {
    ...(outcome === null ? {} : GROUP_INPUTS[outcome]),
    ...(profile === null ? {} : { profile }),
    ...(hours === null ? {} : { since: now - hours * 3_600_000 }),
    ...(error === null ? {} : { fingerprint: error }),
  }
}
