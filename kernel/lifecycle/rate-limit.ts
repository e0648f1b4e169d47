import { asReason, errorBrief } from '../../formats/own-errors.ts'
import type { WriteTx } from '../db/connection.ts'
import * as profileState from '../tables/profile-state.ts'
import * as runHistory from '../tables/run-history.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { closeRun, type Exit } from './end-run.ts'
import { backoffMs, DEFAULT_BACKOFF_SECONDS, type FailurePolicy, failRun } from './fail.ts'
import type { Moved } from './moved.ts'
import { moveTask, runnableStatus } from './transition.ts'
import { writeEvent } from './write-event.ts'

export interface RateLimit {
  /** When the limit ends, as the tool said: milliseconds since the epoch. */
  resets_at: number | null
  /** What the tool said, if that cannot be right. */
  refused?: string | null
  error: string
  exit: Exit | null
}

/**
 * Without a known reset time, a rate limit parks the task and its profile for this long; twice as long the next time.
 */
export const RATE_LIMIT_PAUSE_MS = 300_000
const LONGEST_PAUSE_MS = 3_600_000

/**
 * After this many limits in a row without a reset time, the next counts as a failure. Limits with a reset time count
 * as failures only after MOST_IN_A_ROW, when more waiting is unlikely to help.
 */
const MOST_UNSTATED = 3
const MOST_IN_A_ROW = 20

/** If the profile retries at once, a limit still waits this long, and twice as long each time. */
const SMALLEST_BACKOFF_SECONDS = 1
const NO_JITTER = 0.5

/**
 * Ends a run whose worker hit a rate limit. It parks the task and its profile, and is not a failure. After many
 * attempts in a row without progress it counts as one: what looks like a limit may be something else, and retries
 * must stop.
 */
export function endRateLimited(
  tx: WriteTx,
  task: TaskRow,
  run: RunRow,
  limit: RateLimit,
  policy: FailurePolicy,
): Moved {
  const earlier = limitsBefore(tx, task.id)
  const floor = tx.now + floorMs(earlier.length + 1, policy)
  // A reset time before the earliest next attempt is useless.
  const isStated = limit.resets_at !== null && limit.resets_at >= floor
  const firstStated = earlier.findIndex(({ stated }) => stated === 1)
  const unstated = isStated ? 0 : 1 + (firstStated < 0 ? earlier.length : firstStated)
  if (unstated > MOST_UNSTATED || earlier.length >= MOST_IN_A_ROW) {
    return failLimited(tx, task, run, limit, policy, { count: earlier.length + 1, floor, isStated })
  }
  const pause = Math.min(RATE_LIMIT_PAUSE_MS * 2 ** Math.max(0, unstated - 1), LONGEST_PAUSE_MS)
  const until = Math.max(limit.resets_at ?? tx.now + pause, floor)
  return park(tx, task, run, limit, { until, isStated })
}

/** The shortest wait after the nth limit in a row: the profile's backoff, doubled each time. */
function floorMs(count: number, { backoff_seconds }: FailurePolicy): number {
  const base = Math.max(backoff_seconds ?? DEFAULT_BACKOFF_SECONDS, SMALLEST_BACKOFF_SECONDS)
  return backoffMs(count, base, NO_JITTER)
}

/** The task's latest runs that ended by a rate limit, without a gap, newest first. */
function limitsBefore(tx: WriteTx, id: string): { stated: number }[] {
  const ends = tx.all(runHistory.newestEndsOf, { task_id: id, limit: MOST_IN_A_ROW })
  const other = ends.findIndex(({ is_limit }) => is_limit === 0)
  return other < 0 ? ends : ends.slice(0, other)
}

function failLimited(
  tx: WriteTx,
  task: TaskRow,
  run: RunRow,
  { error, exit }: RateLimit,
  policy: FailurePolicy,
  { count, floor, isStated }: { count: number; floor: number; isStated: boolean },
): Moved {
  const [how = '', ...output] = error.split('\n')
  const why = `${how.replace(/\.?$/, '.')} It is the rate limit number ${count} in a row, so it counts as a failure.`
  return failRun(
    tx,
    task,
    run,
    {
      outcome: 'crashed',
      error: [why, ...output].join('\n'),
      exit,
      not_before: floor,
      details: { rate_limited: true, stated: isStated },
    },
    policy,
  )
}

function park(
  tx: WriteTx,
  task: TaskRow,
  run: RunRow,
  limit: RateLimit,
  { until, isStated }: { until: number; isStated: boolean },
): Moved {
  const closed = closeRun(tx, run, { outcome: 'rate_limited', error: limit.error, exit: limit.exit })
  const moved = moveTask(tx, task, runnableStatus(tx, task.id), 'end_of_run', { retry_at: until })
  const refused = limit.refused == null ? {} : { refused: limit.refused }
  writeEvent(tx, 'rate_limited', task.id, run.id, {
    until,
    error: errorBrief(limit.error, 500),
    stated: isStated,
    ...refused,
  })
  if (run.profile !== null) {
    const reason = `rate limited: ${asReason(limit.error)}`
    const held = tx.run(profileState.hold, {
      profile: run.profile,
      held_kind: 'rate_limited',
      held_since: tx.now,
      held_why:
        limit.refused == null ? reason : `${reason} (it named “${limit.refused}”, which is too far ahead)`,
      held_until: until,
    })
    if (held > 0) writeEvent(tx, 'profile_held', null, null, { profile: run.profile, until })
  }
  return { task: moved, run: closed }
}
