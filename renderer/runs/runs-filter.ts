import type { OperationInput } from '../../contract/index.ts'
import { parseDate } from '../../contract/times.ts'
import { DAY, HOUR } from '../../formats/time.ts'

/** The filter of the list of runs. It is stored in the query part of the address. */
export interface RunsFilter {
  /** Text to search for in errors, summaries, profiles and titles. */
  text: string
  outcome: OutcomeGroup | null
  profile: string | null
  /** Only runs of this many hours; null for no limit. */
  hours: number | null
  /** The first and the last day, as `2026-12-24`; null for no limit. */
  from: string | null
  to: string | null
  /** The fingerprint of an error: runs that failed the same way. */
  error: string | null
  /** Whether errors are listed instead of runs. */
  grouped: boolean
}

export const OUTCOME_GROUPS = ['running', 'failed', 'needs me', 'completed', 'other'] as const
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number]

export const SPANS: readonly { hours: number; label: string }[] = [
  { hours: 1, label: 'Last hour' },
  { hours: 24, label: 'Last 24 hours' },
  { hours: 168, label: 'Last 7 days' },
  { hours: 720, label: 'Last 30 days' },
]

export const NO_FILTER: RunsFilter = {
  text: '',
  outcome: null,
  profile: null,
  hours: null,
  from: null,
  to: null,
  error: null,
  grouped: false,
}

type ListInput = Omit<OperationInput<'run.errors'>, 'board' | 'limit'>

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
    text: query['q'] ?? '',
    outcome: OUTCOME_GROUPS.find((group) => group === query['outcome']) ?? null,
    profile: query['profile'] || null,
    hours: SPANS.some((span) => span.hours === hours) ? hours : null,
    from: dayIn(query['from']),
    to: dayIn(query['to']),
    error: query['error'] || null,
    grouped: query['group'] === 'error',
  }
}

function dayIn(text: string | undefined): string | null {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && parseDate(text) !== null ? text : null
}

/** @returns the query part; an empty text leaves a parameter out */
export function formatRunsFilter(filter: RunsFilter): Record<string, string> {
  return {
    q: filter.text,
    outcome: filter.outcome ?? '',
    profile: filter.profile ?? '',
    hours: filter.hours === null ? '' : String(filter.hours),
    from: filter.from ?? '',
    to: filter.to ?? '',
    error: filter.error ?? '',
    group: filter.grouped ? 'error' : '',
  }
}

/** Whether the filter leaves runs out. */
export function isNarrow({ grouped: _grouped, ...filter }: RunsFilter): boolean {
  return Object.values(filter).some((value) => value !== null && value !== '')
}

/**
 * @param now milliseconds since the epoch
 * @returns the time limits of the filter, in milliseconds since the epoch; null for no limit. Days are local.
 */
export function timesOf(
  { hours, from, to }: RunsFilter,
  now: number,
): { since: number | null; until: number | null } {
  if (hours !== null) return { since: now - hours * HOUR, until: null }
  const last = to === null ? null : parseDate(to)
  return {
    since: from === null ? null : parseDate(from),
    // The next day begins 23 to 25 hours later, so 36 hours later is always within it.
    until: last === null ? null : new Date(last + 1.5 * DAY).setHours(0, 0, 0, 0),
  }
}

/**
 * @param now milliseconds since the epoch
 * @returns the input for `run.list` and `run.errors`
 */
export function listInput(filter: RunsFilter, now: number): ListInput {
  const { outcome, profile, error, text } = filter
  const { since, until } = timesOf(filter, now)
  return {
    ...(outcome === null ? {} : GROUP_INPUTS[outcome]),
    ...(profile === null ? {} : { profile }),
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
    ...(error === null ? {} : { fingerprint: error }),
    ...(text.trim() === '' ? {} : { search: text }),
  }
}
