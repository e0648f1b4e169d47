import { plural } from '../../formats/count.ts'
import type { Run, ShownOutcome, Task, Why } from '../../contract/index.ts'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { brief, isOutput, isUnreported, runSentence } from '../runs/run-words.ts'
import { hasChangesToReview, isUnmerged, mergedWords } from '../shared/merge-words.ts'
import { duration } from '../shared/time.ts'
import { outcomeTone, statusTone, type Tone } from '../shared/tones.ts'
import type { Verb } from '../shared/verbs.ts'

/** The summary of a task: what happened last, what comes next, and the one thing to do. */

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
  openParents: readonly { id: string; title: string }[]
  /** How many parts of an idea are not done; by default the number of open parents. */
  parts?: number
}

/** What comes next, automatically or not. With `until` a clock runs between `text` and `after`. */
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
  /** The mark beside it: of the last run, or of the status if there is none. */
  mark: { outcome: ShownOutcome | null } | { status: Task['status'] }
  happened: string
  /** The words of the worker or its error, as data. */
  quote: string | null
  /** Whether the quote is a line of the worker's output, not a sentence to a person. */
  isOutput: boolean
  next: Next | null
  /** A form in place of a button: the answer to a question, or a review. */
  form: 'answer' | 'review' | null
  action: VerdictAction | null
  also: VerdictAction | null
}

type Parts = Partial<Omit<Verdict, 'next' | 'quote'>> & { next?: Next | string | null; quote?: string | null }

function next(text: string, until: number | null = null, after = '', due = 'Any moment now'): Next {
  return { text, until, shown: 'left', after, due }
}

const REVIEW_CHANGES: VerdictAction = { kind: 'changes', label: 'Review changes' }

const verb = (name: Verb, label: string): VerdictAction => ({ kind: 'verb', verb: name, label })

function openLog(run: Run | undefined): VerdictAction | null {
  if (run === undefined || run.log_path === null) return null
  return { kind: 'log', label: 'Open log at the error', attempt: run.attempt, at: 'error' }
}

/** @returns a link to the command that could not be started; null if something else failed */
function fixProfile(run: Run | undefined): VerdictAction | null {
  const isStart = run?.outcome === 'spawn_failed' || run?.outcome === 'gave_up'
  if (!isStart || run.profile === null) return null
  return { kind: 'fix_profile', label: 'Fix the profile', profile: run.profile }
}

/** @returns what the drawer shows first about a task */
export function verdict(input: VerdictInput): Verdict {
  const { task, runs } = input
  const last = runs.at(-1)
  const base: Verdict = {
    tone: last === undefined ? statusTone(task.status) : outcomeTone(shownOutcome(last)),
    mark: last === undefined ? { status: task.status } : { outcome: shownOutcome(last) },
    happened: last === undefined ? 'It has not run yet' : runSentence(last),
    quote: last === undefined ? null : quoteOf(last),
    isOutput: last !== undefined && isFailureQuote(last),
    next: null,
    form: null,
    action: null,
    also: null,
  }
  const parts = BY_STATUS[task.status](input, last)
  const said = typeof parts.next === 'string' ? next(parts.next) : (parts.next ?? null)
  return { ...base, ...parts, quote: parts.quote === undefined ? base.quote : parts.quote, next: said }
}

function quoteOf(run: Run): string | null {
  if (run.outcome === null) return run.last_heartbeat_note
  if (run.outcome === 'completed' || run.outcome === 'review_requested') return brief(run.summary)
  if (run.outcome === 'blocked') return run.summary
  return run.headline ?? brief(run.summary)
}

function isFailureQuote(run: Run): boolean {
  const reports = run.outcome === null || ['completed', 'review_requested', 'blocked'].includes(run.outcome)
  return !reports && isOutput(run.error)
}

type Teller = (input: VerdictInput, last: Run | undefined) => Parts

const BY_STATUS: Record<Task['status'], Teller> = {
  triage: ({ openParents, parts = openParents.length }) =>
    parts === 0
      ? {
          happened: 'An idea; it does not run yet',
          mark: { status: 'triage' },
          tone: 'idle',
          next: 'It does not run until you promote it.',
          action: verb('promote', 'Promote'),
          also: { kind: 'plan', label: 'Plan with…' },
        }
      : {
          happened: plural(parts, 'Its plan of one task waits', `Its plan of ${parts} tasks waits`),
          mark: { status: 'triage' },
          tone: 'waiting',
          next: 'None of its tasks runs until you accept the plan.',
          action: verb('accept_plan', 'Accept the plan'),
          also: { kind: 'plan', label: 'Plan with…' },
        },
  todo: waiting,
  ready,
  running,
  review: ({ task }, last) => ({
    ...(last?.outcome === 'review_requested' ? {} : { happened: 'It waits for your review' }),
    tone: 'review',
    next: 'Approve it to finish, or request changes to run it again.',
    form: 'review',
    action: hasChangesToReview(task) ? REVIEW_CHANGES : verb('approve', 'Approve'),
    also: verb('request_changes', 'Request changes…'),
  }),
  blocked,
  done: ({ task }, last) => ({
    ...(last?.outcome === 'completed' || last?.outcome === 'review_requested'
      ? {}
      : { happened: 'It is done', mark: { status: 'done' as const }, quote: brief(task.result) }),
    ...(last?.outcome === 'review_requested' ? { happened: `Attempt ${last.attempt} was approved` } : {}),
    ...(isUnmerged(task)
      ? { tone: 'waiting' as const, next: notMerged(task), action: REVIEW_CHANGES }
      : { tone: 'good' as const, next: mergedNext(task) }),
    also: verb('reopen', 'Reopen…'),
  }),
  archived: (_, last) => ({
    ...(last === undefined ? { happened: 'It was archived without a run' } : {}),
    tone: 'idle',
    next: 'It is off the board.',
    action: verb('restore', 'Restore'),
  }),
}

function notMerged({ branch }: Task): string {
  const where = branch === null ? 'in its worktree' : `on the branch ${branch}`
  return `Its work is not merged: it is ${where}.`
}

function mergedNext(task: Task): string | null {
  const merged = mergedWords(task)
  return merged === null ? null : `${merged}.`
}

function waiting({ why, openParents }: VerdictInput): Parts {
  const [first] = openParents
  const others = openParents.length > 1 ? ` and ${openParents.length - 1} more` : ''
  const sentence = first === undefined ? (why?.sentence ?? 'It is blocked by its parents.') : null
  return {
    next: sentence ?? `It is blocked by “${first?.title ?? ''}”${others}.`,
    action: first === undefined ? null : { kind: 'open_task', label: 'Open the blocking task', id: first.id },
  }
}

function ready(input: VerdictInput, last: Run | undefined): Parts {
  const { task, why, runs, failureLimit } = input
  const attempt = `attempt ${runs.length + 1}`
  switch (why?.gate) {
    case 'held':
      return {
        next: `It is held${task.held_reason === null ? '' : `: ${task.held_reason}`}.`,
        action: verb('release', 'Release'),
      }
    case 'no_assignee':
      return { next: 'Nobody is assigned to it.', action: { kind: 'assign', label: 'Assign…' } }
    case 'unknown_profile':
      return {
        next: why.sentence,
        tone: 'waiting',
        action: { kind: 'fix_profile', label: 'Open the profile', profile: task.assignee ?? '' },
        also: { kind: 'assign', label: 'Assign to another…' },
      }
    case 'not_before':
      return {
        next: next('It is scheduled to start in', why.clears_at, `: ${attempt}`, 'It may start now.'),
        action: { kind: 'start_now', label: 'Start now' },
      }
    case 'retry_at':
      return {
        next: retryNext(input, last, attempt),
        action: verb('retry', 'Retry'),
        also: last?.outcome === 'rate_limited' ? null : (fixProfile(last) ?? openLog(last)),
      }
    case 'profile_held':
      return {
        tone: 'waiting',
        next: last?.outcome === 'rate_limited' ? retryNext(input, last, attempt) : why.sentence,
        action: {
          kind: 'release_profile',
          label: `Release ${task.assignee ?? 'the profile'}`,
          profile: task.assignee ?? '',
        },
        also: openLog(last?.outcome === 'rate_limited' ? undefined : last),
      }
    case 'paused':
      return { next: why.sentence, action: { kind: 'resume_board', label: 'Resume the board' } }
    case undefined:
      return { next: `It starts as soon as a worker is free: ${attempt}${ofMost(runs, task, failureLimit)}.` }
    default:
      return { next: why?.sentence ?? null }
  }
}

/** After failures in a row, adds the attempt at which Runboard would give up. */
function ofMost(runs: readonly Run[], task: Task, { limit }: FailureLimit): string {
  const failures = task.consecutive_failures
  return failures === 0 ? '' : ` of ${runs.length + Math.max(1, limit - failures)}`
}

function retryNext({ task, runs, failureLimit }: VerdictInput, last: Run | undefined, attempt: string): Next {
  if (last?.outcome === 'rate_limited') {
    return {
      ...next(
        'It waits for the rate limit until',
        task.retry_at,
        '',
        'The rate limit is over: any moment now.',
      ),
      shown: 'clock',
    }
  }
  const due = `It retries any moment now: ${attempt}.`
  return next('It retries in', task.retry_at, `, ${attempt}${ofMost(runs, task, failureLimit)}`, due)
}

function running({ runs }: VerdictInput, last: Run | undefined): Parts {
  if (last === undefined || last.outcome !== null) return { happened: 'It is running', tone: 'active' }
  const before = runs.at(-2)
  const follow: VerdictAction = { kind: 'follow', label: 'Follow the log', attempt: last.attempt }
  if (last.stop_requested_at !== null) {
    return {
      tone: 'waiting',
      quote: null,
      next: next(
        'Its process tree was asked to exit, and will be killed in',
        last.stop_requested_at + KILLED_AFTER,
        '',
        'Its process tree is being killed.',
      ),
    }
  }
  const since = before === undefined ? '' : `${pastSentence(before)}. `
  const limit = last.max_runtime_seconds
  const starts = last.spawned_at ?? last.started_at
  return {
    tone: 'active',
    next:
      limit === null
        ? since === ''
          ? null
          : since
        : next(
            `${since}It times out in`,
            starts + limit * 1000,
            '',
            'It has timed out and is being stopped.',
          ),
    action: follow,
  }
}

/** For an attempt that another one has followed: its request has been handled. */
function pastSentence(run: Run): string {
  return run.outcome === 'review_requested' ? `Attempt ${run.attempt} asked for a review` : runSentence(run)
}

/** Milliseconds from SIGTERM to SIGKILL. */
const KILLED_AFTER = 5000

function blocked(input: VerdictInput, last: Run | undefined): Parts {
  const { task } = input
  switch (task.block_kind) {
    case 'gave_up':
      return { ...gaveUp(input, last), tone: 'bad' }
    case 'unreported':
      return {
        tone: 'waiting',
        ...(last !== undefined && isUnreported(last) ? {} : { happened: 'It ended without a report' }),
        quote: lastOutput(task.block_reason),
        isOutput: true,
        next: 'Check the end of its output: was the work done?',
        action: { kind: 'accept', label: 'Mark done', summary: lastOutput(task.block_reason) ?? '' },
        also: verb('retry', 'Retry'),
      }
    case 'capability':
      return {
        tone: 'bad',
        happened: `${nameOf(last)} needs your help to continue`,
        quote: task.block_reason,
        next: 'It waits for you.',
        form: 'answer',
        also: { kind: 'assign', label: 'Assign to another…' },
      }
    case 'needs_input':
    case null:
      return {
        tone: 'bad',
        happened: last?.outcome === 'blocked' ? `Attempt ${last.attempt} asks you` : 'It needs you',
        quote: task.block_reason,
        next: 'It waits for your answer; the next attempt reads it first.',
        form: 'answer',
      }
  }
}

function nameOf(run: Run | undefined): string {
  return run === undefined ? 'It' : `Attempt ${run.attempt}`
}

/** The text after “Its last words:” in a reason, which is all that the worker said. */
function lastOutput(reason: string | null): string | null {
  return /Its last (?:words|line): (.+)$/s.exec(reason ?? '')?.[1] ?? null
}

function gaveUp({ task, failureLimit }: VerdictInput, last: Run | undefined): Parts {
  const failures = task.consecutive_failures
  const by = failureLimit.source === 'default' ? '' : ` (the limit of the ${failureLimit.source})`
  const row = failures <= 1 ? 'one failure' : `${failures} failures in a row`
  const told = { next: `It will not retry: ${row}${by}. Only you can let it continue.` }
  if (last?.outcome === 'timed_out' && last.max_runtime_seconds !== null) {
    const seconds = last.max_runtime_seconds * 2
    return {
      ...told,
      action: {
        kind: 'raise_runtime',
        label: `Raise limit to ${duration(seconds * 1000)} and retry`,
        seconds,
      },
      also: openLog(last),
    }
  }
  const fix = fixProfile(last)
  if (fix !== null) return { ...told, action: fix, also: verb('retry', 'Retry') }
  return { ...told, action: verb('retry', 'Retry'), also: openLog(last) }
}
