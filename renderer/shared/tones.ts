import type { RunEventKind } from '../../contract/events.ts'
import type { Outcome, ShownOutcome, TaskStatus } from '../../contract/states.ts'

/** A state as one of the palette's tones: elements carry it as `data-tone` (shared/base.css). */
export type Tone = 'active' | 'good' | 'review' | 'waiting' | 'bad' | 'idle' | 'accent'

const OUTCOME_TONES: Record<ShownOutcome, Tone> = {
  completed: 'good',
  review_requested: 'review',
  blocked: 'waiting',
  crashed: 'bad',
  ended_without_a_report: 'waiting',
  timed_out: 'bad',
  stale: 'bad',
  spawn_failed: 'bad',
  gave_up: 'bad',
  verify_failed: 'bad',
  rate_limited: 'waiting',
  reclaimed: 'waiting',
  stopped: 'idle',
}

/**
 * @param outcome null for a run that is still open
 */
export function outcomeTone(outcome: ShownOutcome | null): Tone {
  return outcome === null ? 'active' : OUTCOME_TONES[outcome]
}

const STATUS_TONES: Record<TaskStatus, Tone> = {
  triage: 'idle',
  todo: 'idle',
  ready: 'accent',
  running: 'active',
  review: 'review',
  blocked: 'waiting',
  done: 'good',
  archived: 'idle',
}

export function statusTone(status: TaskStatus): Tone {
  return STATUS_TONES[status]
}

/** A status, an outcome or a kind of event as people read it: `timed_out` becomes “timed out”. */
export function words(name: TaskStatus | Outcome | RunEventKind | (string & {})): string {
  return name.replaceAll('_', ' ')
}

/** As `words`, with a capital letter, for the start of a sentence or a label. */
export function label(name: string): string {
  const text = words(name)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** How an open run is named in place of its outcome. */
export function outcomeWords(outcome: ShownOutcome | null): string {
  return outcome === null ? 'running' : words(outcome)
}
