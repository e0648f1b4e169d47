import { plural } from '../../formats/count.ts'
import type { FailureOutcome } from '../../contract/index.ts'
import { asReason, errorBrief } from '../../formats/own-errors.ts'
import type { WriteTx } from '../db/connection.ts'
import * as profileState from '../tables/profile-state.ts'
import * as runHistory from '../tables/run-history.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { advanceTask } from './advance.ts'
import { hasWay } from './check-verdict.ts'
import { closeRun, type Exit } from './end-run.ts'
import { endJoining } from './join.ts'
import { type Moved, getTask } from './moved.ts'
import { moveTask, runnableStatus } from './transition.ts'
import { openWalkOf } from './walk.ts'
import { writeEvent } from './write-event.ts'

/** How to handle the failure of a run, from its profile and its board. */
export interface FailurePolicy {
  profile_limit: number | null
  board_limit: number | null
  /** Base of the backoff; 0 retries at once. Default 10. */
  backoff_seconds: number | null
  /** In [0, 1), for the jitter. */
  random: () => number
}

export interface Failure {
  /** `gave_up` is decided here: it is the last failed start. */
  outcome: Exclude<FailureOutcome, 'gave_up'>
  error: string
  exit?: Exit | null
  metadata?: Record<string, unknown> | null
  summary?: string | null
  /** Another attempt would fail in the same way: a person has to change something first. */
  lasting?: boolean
  /** The earliest time of the next attempt, even if the backoff is shorter. */
  not_before?: number
  /** The commit of the work at the end of the run, for the next step of a workflow. */
  head?: string | null
  /** Further fields of its event. */
  details?: Record<string, unknown>
}

const DEFAULT_FAILURE_LIMIT = 3
export const DEFAULT_BACKOFF_SECONDS = 10
const LONGEST_BACKOFF_SECONDS = 600
const JITTER = 0.2

/**
 * @param failures consecutive failures, including this one: 1, 2, 3 …
 * @param baseSeconds 0 for no wait at all
 * @param random in [0, 1)
 * @returns milliseconds to wait before the next attempt: base · 2ⁿ⁻¹ ± 20 %, at most ten minutes or the base,
 *   whichever is longer
 */
export function backoffMs(failures: number, baseSeconds: number, random: number): number {
  const longest = Math.max(baseSeconds, LONGEST_BACKOFF_SECONDS)
  const seconds = Math.min(baseSeconds * 2 ** Math.min(failures - 1, 30), longest)
  const jittered = seconds * (1 + JITTER * (2 * random - 1))
  return Math.round(Math.min(jittered, longest) * 1000)
}

/**
 * How many failures in a row a task may have, and which setting says so.
 *
 * @param stepLimit the limit of the task's step in a workflow; null without one
 */
export function effectiveLimit(
  task: TaskRow,
  policy: FailurePolicy,
  stepLimit: number | null = null,
): { limit: number; source: 'step' | 'task' | 'profile' | 'board' | 'default' } {
  if (stepLimit !== null) return { limit: stepLimit, source: 'step' }
  if (task.max_retries !== null) return { limit: task.max_retries, source: 'task' }
  if (policy.profile_limit !== null) return { limit: policy.profile_limit, source: 'profile' }
  if (policy.board_limit !== null) return { limit: policy.board_limit, source: 'board' }
  return { limit: DEFAULT_FAILURE_LIMIT, source: 'default' }
}

/**
 * Ends a run that failed. Below the limit the task is ready again after a backoff; at the limit it is blocked until a
 * person acts. One policy for every kind of failure.
 */
export function failRun(
  tx: WriteTx,
  task: TaskRow,
  run: RunRow,
  failure: Failure,
  policy: FailurePolicy,
): Moved {
  const open = openWalkOf(tx, task)
  const failures = task.consecutive_failures + 1
  const stepLimit = open?.step.kind === 'work' ? (open.step.max_retries ?? null) : null
  const { limit, source } = effectiveLimit(task, policy, stepLimit)
  const isLast = failure.lasting === true || failures >= limit
  // A step with a way for `gave_up` takes that way, so no person has to act.
  const gaveUpWalk = isLast && open !== null && hasWay(open, 'gave_up') ? open : null
  const hasGivenUp = isLast && gaveUpWalk === null && failure.outcome === 'spawn_failed'
  const outcome = hasGivenUp ? 'gave_up' : failure.outcome
  const closed = closeRun(tx, run, {
    outcome,
    error: failure.error,
    exit: failure.exit ?? null,
    metadata: failure.metadata ?? null,
    summary: failure.summary ?? null,
    verdict: gaveUpWalk === null ? null : 'gave_up',
  })
  const gaveUp = {
    failures,
    effective_limit: limit,
    limit_source: source,
    error: errorBrief(failure.error, 500),
  }
  if (gaveUpWalk !== null) {
    const summary = errorBrief(failure.error, 2000)
    advanceTask(
      tx,
      task,
      gaveUpWalk,
      { verdict: 'gave_up', summary, metadata: null, head: failure.head ?? null },
      { run_id: run.id },
    )
  } else if (isLast) {
    moveTask(tx, open === null ? task : endJoining(tx, task, open), 'blocked', 'end_of_run', {
      block_kind: 'gave_up',
      block_reason: `Gave up after ${plural(failures, 'one failure', `${failures} failures in a row`)}: ${errorBrief(failure.error) ?? ''}`,
    })
  } else {
    const wait = backoffMs(failures, policy.backoff_seconds ?? DEFAULT_BACKOFF_SECONDS, policy.random())
    const retryAt = Math.max(tx.now + wait, failure.not_before ?? 0)
    moveTask(tx, task, runnableStatus(tx, task.id), 'end_of_run', {
      retry_at: retryAt === tx.now ? null : retryAt,
    })
  }
  if (gaveUpWalk === null)
    tx.run(tasks.setFailures, { id: task.id, failures, error: errorBrief(failure.error, 2000) })
  const moved = getTask(tx, task.id)
  if (!hasGivenUp) {
    writeEvent(tx, failure.outcome, task.id, run.id, {
      error: errorBrief(failure.error, 500),
      failures,
      retry_at: moved.retry_at,
      ...(failure.exit ? { exit_code: failure.exit.exit_code, signal: failure.exit.signal } : {}),
      ...failure.details,
    })
  }
  if (isLast && gaveUpWalk === null) writeEvent(tx, 'gave_up', task.id, run.id, gaveUp)
  // An end that was not seen says nothing about the profile: several at once mean that the machine went down.
  if (failure.outcome !== 'crashed' || failure.exit != null) holdProfileIfSystemic(tx, closed)
  return { task: moved, run: closed }
}

const SYSTEMIC = { tasks: 3, within_ms: 60_000 }

/**
 * Holds a profile whose runs of three different tasks have just failed alike, without another end between them. Then
 * the profile is at fault, and more attempts only use up the tasks' retries.
 */
function holdProfileIfSystemic(tx: WriteTx, run: RunRow): void {
  if (run.profile === null || run.error_fingerprint === null || isReservedProfile(run.profile)) return
  if (tx.get(profileState.of, { profile: run.profile }) !== undefined) return
  const alike = new Set<string>()
  for (const end of tx.all(runHistory.recentEndsOf, {
    profile: run.profile,
    since: tx.now - SYSTEMIC.within_ms,
    until: tx.now + SYSTEMIC.within_ms,
  })) {
    if (end.error_fingerprint !== run.error_fingerprint) break
    alike.add(end.task_id)
  }
  if (alike.size < SYSTEMIC.tasks) return
  const why = `${alike.size} tasks failed alike within a minute: ${asReason(run.error)}`
  tx.run(profileState.hold, {
    profile: run.profile,
    held_kind: 'systemic_failure',
    held_since: tx.now,
    held_why: why,
    held_until: null,
  })
  writeEvent(tx, 'profile_held', null, null, { profile: run.profile, why, tasks: [...alike] })
}

export interface Unreported {
  error: string
  /** The last words of its worker. */
  last_output: string | null
  exit: Exit | null
}

/**
 * Blocks a task whose worker ended well but without the report that its profile requires, so that a person can read
 * the end of the output and accept it.
 */
export function blockUnreported(tx: WriteTx, task: TaskRow, run: RunRow, end: Unreported): Moved {
  const closed = closeRun(tx, run, { outcome: 'crashed', error: end.error, exit: end.exit })
  const moved = moveTask(tx, task, 'blocked', 'end_of_run', {
    block_kind: 'unreported',
    block_reason: end.last_output === null ? end.error : `${end.error} Its last words: ${end.last_output}`,
  })
  tx.run(tasks.setFailures, {
    id: task.id,
    failures: task.consecutive_failures + 1,
    error: errorBrief(end.error, 2000),
  })
  writeEvent(tx, 'protocol_violation', task.id, run.id, { error: end.error, last_output: end.last_output })
  if (end.exit !== null) holdProfileIfSystemic(tx, closed)
  return { task: { ...moved, consecutive_failures: task.consecutive_failures + 1 }, run: closed }
}
