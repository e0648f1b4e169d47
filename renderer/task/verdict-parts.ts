import type { Card, Run, ShownOutcome, Task, Why } from '../../contract/index.ts'
import type { Tone } from '../shared/tones.ts'
import type { Verb } from '../shared/verbs.ts'

export interface FailureLimit {
  limit: number
  source: 'task' | 'profile' | 'board' | 'default'
}

export interface VerdictInput {
  task: Task
  /** Oldest first. */
  runs: readonly Run[]
  why: Why
  failureLimit: FailureLimit
  /** Titles of the parents that are still open, as far as they are known. */
  openParents: readonly Pick<Card, 'id' | 'title' | 'status' | 'why'>[]
  /** How many parts of an idea are not done; by default the number of open parents. */
  parts?: number
}

/** The sentence about what happens next. With `until`, a clock is shown between `text` and `after`. */
export interface Next {
  text: string
  until: number | null
  /** `left`: the time left; `clock`: the time of day. */
  shown: 'left' | 'clock'
  after: string
  /** Shown instead once `until` has passed. */
  due: string
}

export type VerdictAction =
  | { kind: 'verb'; verb: Verb; label: string }
  | { kind: 'accept'; label: string; summary: string }
  | { kind: 'assign'; label: string }
  | { kind: 'plan'; label: string }
  | { kind: 'raise_runtime'; label: string; seconds: number }
  | { kind: 'log'; label: string; attempt: number; at: 'error' | 'end' }
  | { kind: 'open_task'; label: string; id: string }
  | { kind: 'release_profile'; label: string; profile: string }
  | { kind: 'fix_profile'; label: string; profile: string }
  | { kind: 'resume_board'; label: string }
  | { kind: 'start_now'; label: string }
  | { kind: 'follow'; label: string; attempt: number }
  | { kind: 'changes'; label: string }

export interface Verdict {
  tone: Tone
  /** The mark beside it: that of the last run, or of the status if there is no run. */
  mark: { outcome: ShownOutcome | null } | { status: Task['status'] }
  happened: string
  /** A text or an error from the worker: untrusted, so it is shown escaped. */
  quote: string | null
  /** Whether the quote is a line of the worker's output, not a sentence to a person. */
  isOutput: boolean
  next: Next | null
  /** A form in place of a button: the answer to a block, or to the questions of a run that waits, or a review. */
  form: 'answer' | 'questions' | 'review' | null
  action: VerdictAction | null
  also: VerdictAction | null
}

export type Parts = Partial<Omit<Verdict, 'next' | 'quote'>> & {
  next?: Next | string | null
  quote?: string | null
}

export function next(text: string, until: number | null = null, after = '', due = 'Any moment now'): Next {
  return { text, until, shown: 'left', after, due }
}

export const verb = (name: Verb, label: string): VerdictAction => ({ kind: 'verb', verb: name, label })

export function openLog(run: Run | undefined): VerdictAction | null {
  if (run === undefined || run.log_path === null) return null
  return { kind: 'log', label: 'Open log at the error', attempt: run.attempt, at: 'error' }
}

/** @returns a link to the command that could not be started; null if something else failed */
export function fixProfile(run: Run | undefined): VerdictAction | null {
  const isStart = run?.outcome === 'spawn_failed' || run?.outcome === 'gave_up'
  if (!isStart || run.profile === null) return null
  return { kind: 'fix_profile', label: 'Fix the profile', profile: run.profile }
}

/** Makes the parts of a verdict that depend on the status of the task. */
export type PartsOf = (input: VerdictInput, last: Run | undefined) => Parts
