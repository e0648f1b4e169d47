import { plural } from '../../formats/count.ts'
import type { Run, Task } from '../../contract/index.ts'
import { SECOND } from '../../formats/time.ts'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { brief, isOutput, killedAt, runSentence } from '../runs/run-words.ts'
import { isUnmerged } from '../../contract/states.ts'
import { hasChangesToReview, mergedWords } from '../shared/merge-words.ts'
import { outcomeTone, statusTone } from '../shared/tones.ts'
import { blocked } from './verdict-blocked.ts'
import {
  next,
  type Parts,
  type PartsOf,
  verb,
  type Verdict,
  type VerdictAction,
  type VerdictInput,
} from './verdict-parts.ts'
import { ready, waiting } from './verdict-waiting.ts'

/** The summary of a task: what happened last, what comes next, and the one thing to do. */

const REVIEW_CHANGES: VerdictAction = { kind: 'changes', label: 'Review changes' }

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

const BY_STATUS: Record<Task['status'], PartsOf> = {
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

function running({ runs, why }: VerdictInput, last: Run | undefined): Parts {
  if (last === undefined || last.outcome !== null) return { happened: 'It is running', tone: 'active' }
  const before = runs.at(-2)
  const follow: VerdictAction = { kind: 'follow', label: 'Follow the log', attempt: last.attempt }
  if (last.stop_requested_at !== null) {
    return {
      tone: 'waiting',
      quote: null,
      next: next(
        'Its process tree was asked to exit, and will be killed in',
        killedAt(last.stop_requested_at),
        '',
        'Its process tree is being killed.',
      ),
    }
  }
  if (why?.gate === 'question') {
    return {
      happened: `Attempt ${last.attempt} waits for you`,
      tone: 'waiting',
      quote: null,
      next: 'It continues when you answer. Its time limit is paused until then.',
      form: 'questions',
      also: follow,
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
            starts + limit * SECOND,
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
