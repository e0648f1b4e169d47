import type { Run, Task } from '../../contract/index.ts'
import { needsPerson } from '../../contract/states.ts'
import {
  type FailureLimit,
  fixProfile,
  next,
  type Next,
  openLog,
  type Parts,
  verb,
  type VerdictInput,
} from './verdict-parts.ts'

/** @returns the verdict of a task that waits for its parents */
export function waiting({ why, openParents }: VerdictInput): Parts {
  // An item runs by itself; only one that needs a person is worth a click.
  if (why?.gate === 'open_items') {
    const item = openParents.find(needsPerson)
    return item === undefined
      ? { next: why.sentence }
      : {
          next: `${why.sentence} “${item.title}” needs you.`,
          action: { kind: 'open_task', label: 'Open that item', id: item.id },
        }
  }
  const [first] = openParents
  const others = openParents.length > 1 ? ` and ${openParents.length - 1} more` : ''
  const sentence = first === undefined ? (why?.sentence ?? 'It is blocked by its parents.') : null
  return {
    next: sentence ?? `It is blocked by “${first?.title ?? ''}”${others}.`,
    action: first === undefined ? null : { kind: 'open_task', label: 'Open the blocking task', id: first.id },
  }
}

/** @returns the verdict of a ready task, by the gate that keeps it from running */
export function ready(input: VerdictInput, last: Run | undefined): Parts {
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
      return {
        next: `It starts as soon as a worker is free: ${attempt}${ofLimit(runs, task, failureLimit)}.`,
      }
    default:
      return { next: why?.sentence ?? null }
  }
}

/** After failures in a row, adds the attempt at which Runboard would give up. */
function ofLimit(runs: readonly Run[], task: Task, { limit }: FailureLimit): string {
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
        'The rate limit is over; it starts with the next pass.',
      ),
      shown: 'clock',
    }
  }
  const due = `It retries any moment now: ${attempt}.`
  return next('It retries in', task.retry_at, `, ${attempt}${ofLimit(runs, task, failureLimit)}`, due)
}
