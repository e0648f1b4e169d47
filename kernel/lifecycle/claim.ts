import { randomBytes } from 'node:crypto'
import { OperationError, type RunTrigger } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { waitsForApproval } from './ask-approval.ts'
import { CLOCK_SLACK_MS } from './mend-clock.ts'
import { CLAIM_TTL_SECONDS } from './renew-claim.ts'
import { refuseOpenParents, refuseTransition, requireTask } from './transition.ts'
import { openWalkOf } from './walk.ts'
import { writeEvent } from './write-event.ts'

export interface Claimed {
  task: TaskRow
  run: RunRow
  /**
   * The secret that the worker's calls carry. It is stored in clear: anyone who can read the board's file can also
   * read the worker's environment, and after a restart we find the worker's stray processes by it.
   */
  claim: string
}

export interface ClaimOptions {
  profile: string | null
  trigger: RunTrigger
  /** The machine, and its pid namespace, that the run's process runs on. */
  host: string
  ttl_seconds?: number | undefined
  max_runtime_seconds: number | null
}

/**
 * Claims a ready task: opens its next run and points the task at it. Of two claimers one succeeds.
 *
 * @throws OperationError CONFLICT when the task is not ready, or its own gates are closed (held, not before, retry)
 */
export function claimTask(tx: WriteTx, task: TaskRow, options: ClaimOptions): Claimed {
  const { id } = task
  if (task.status === 'todo') throw refuseOpenParents(tx, task, 'claimed')
  if (task.status !== 'ready') throw refuseTransition(task, 'claim')
  refuseShutGate(tx, task)
  refuseOutOfTurn(tx, task)
  if (waitsForApproval(tx, task))
    throw new OperationError('CONFLICT', `Task ${task.id} waits for a person’s answer, not for a worker.`, {
      id: task.id,
    })
  const claim = randomBytes(24).toString('base64url')
  const run = tx.returning(taskRuns.insert, {
    task_id: id,
    profile: options.profile ?? task.assignee,
    step_key: task.current_step_key,
    trigger: options.trigger,
    claim_lock: claim,
    claim_expires_at: tx.now + (options.ttl_seconds ?? CLAIM_TTL_SECONDS) * 1000,
    host: options.host,
    max_runtime_seconds: options.max_runtime_seconds,
    ready_at: task.ready_at,
    started_at: tx.now,
    workspace_path: task.workspace_path,
  })
  const running = run && tx.returning(tasks.claim, { id, run_id: run.id, now: tx.now })
  if (run === undefined || running === undefined) throw refuseTransition(task, 'claim')
  writeEvent(tx, 'claimed', id, run.id, {
    attempt: run.attempt,
    profile: run.profile,
    expires_at: run.claim_expires_at,
  })
  return { task: running, run, claim }
}

/**
 * Extends the claims that were valid at a given time: they could not have been extended since.
 *
 * @param since milliseconds since the epoch
 * @param ms how much to extend them; negative if the clock was set back. Claims made while it was ahead are left to
 *   `mendDueTimes`
 */
export function extendClaims(tx: WriteTx, since: number, ms: number): void {
  tx.run(taskRuns.extendClaims, { since, ms, before: tx.now + CLOCK_SLACK_MS })
}

/** @throws OperationError CONFLICT when as many items of a map step run as its `max_parallel` allows */
function refuseOutOfTurn(tx: WriteTx, task: TaskRow): void {
  const item = tx.get(workflowItems.ofTask, { task_id: task.id })
  if (item?.state !== 'open') return
  const step = openWalkOf(tx, requireTask(tx, item.carrier_id))?.step
  const limit = step?.kind === 'map' ? step.max_parallel : undefined
  const running =
    limit === undefined ? 0 : (tx.get(workflowItems.runningOf, { visit_id: item.visit_id })?.count ?? 0)
  if (limit === undefined || running < limit) return
  throw new OperationError(
    'CONFLICT',
    `Task ${task.id} is an item of ${item.carrier_id}. At most ${limit} of them run at once, and ${running} run now.`,
    { id: task.id, limit },
  )
}

function refuseShutGate(tx: WriteTx, task: TaskRow): void {
  const shut = (sentence: string) =>
    new OperationError('CONFLICT', sentence, { id: task.id, status: task.status })
  if (task.held === 1) throw shut(`Task ${task.id} is held and cannot be claimed. Release it first.`)
  if (task.not_before_at !== null && task.not_before_at > tx.now) {
    throw shut(`Task ${task.id} must not start before ${new Date(task.not_before_at).toISOString()}.`)
  }
  if (task.retry_at !== null && task.retry_at > tx.now) {
    throw shut(
      `Task ${task.id} retries at ${new Date(task.retry_at).toISOString()}. Retry makes it claimable now.`,
    )
  }
}
