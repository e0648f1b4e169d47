import { OperationError, type Observed } from '../../contract/index.ts'
import {
  beginCheck,
  forgetCheck,
  isWaitedFor,
  type RunningCheck,
  watchCheckLog,
} from '../dispatcher/checks.ts'
import { checkTargetOf, stopCheck } from '../board/stop-process.ts'
import { workerAge } from '../board/worker-age.ts'
import { refuseProposed } from '../lifecycle/propose.ts'
import * as runChecks from '../tables/run-checks.ts'
import type { CheckRow } from '../tables/run-checks.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { Work } from '../workers/changes/locate-work.ts'
import { cleanHead } from '../workers/changes/read-changes.ts'
import { verifyFacts } from '../workers/changes/verify-facts.ts'
import { isAlive } from '../workers/process/identity.ts'
import type { TreeProcess } from '../workers/process/tree.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import {
  CHECK_LIMIT_MS,
  checkResult,
  lateResult,
  notStarted,
  type VerifyResult,
} from '../workers/spawn/verify.ts'
import { requireAccepted } from '../board/acceptance.ts'
import type { BoardContext } from './handler.ts'

/**
 * Runs a task's `verify_command` in the workspace of its open run, before the task may be done. It runs outside any
 * transaction, takes as long as it needs, and ends with the call that waits for it. Without a workspace it cannot
 * run, and the run records that.
 *
 * @throws OperationError CONFLICT with the end of its output when it fails, or when it is already running; BUSY when
 *   the caller has gone. The run stays open, so that the worker can continue
 */
export async function verifyBeforeDone(context: BoardContext, task: TaskRow): Promise<void> {
  // The steps of a workflow decide when a task is checked.
  if (task.workflow_run_id !== null) return
  if (task.verify_command === null || task.current_run_id === null) return
  requireAccepted(context.read, context.board.slug)
  refuseProposed(task)
  const run = context.read.get(taskRuns.byId, { id: task.current_run_id })
  const cwd = run?.workspace_path ?? task.workspace_path
  if (run === undefined) return
  // The caller is a worker of another run: the fence refuses it, and the check would test another worker's work.
  if (context.worker !== undefined && context.worker.run_id !== run.id) return
  const note = (observed: Observed) =>
    context.write((tx) => tx.run(taskRuns.setObserved, { id: run.id, observed: JSON.stringify(observed) }))
  if (cwd === null) {
    // A person took the task by hand and works in a folder that we do not know. Unchecked work must not look checked.
    await note({ verify_output: 'Not run: this run has no workspace.' })
    return
  }
  const result = await checkInCall(context, run, { command: task.verify_command, cwd })
  await note(await verifyFacts(result, cwd))
  if (result.exit_code !== 0) throw refuseFailed(task, 'done', result)
}

/**
 * Runs a task's `verify_command` in its worktree before its work is merged, unless it has passed on this very commit.
 *
 * @throws OperationError CONFLICT with the end of its output when it fails, or when there is no worktree to run it in
 */
export async function verifyBeforeMerge(context: BoardContext, task: TaskRow, work: Work): Promise<void> {
  const { verify_command, id } = task
  if (verify_command === null) return
  refuseProposed(task)
  const run = context.read.get(taskRuns.newestOf, { task_id: id })
  const observed = run?.observed == null ? {} : (JSON.parse(run.observed) as Observed)
  const { worktree } = work
  const head = worktree === null ? work.head : await cleanHead(worktree)
  if (observed.verify_exit_code === 0 && head !== null && observed.verify_head === head) return
  if (worktree === null || run === undefined) {
    const why = worktree === null ? 'its worktree is gone' : 'there is no attempt that it belongs to'
    throw new OperationError(
      'CONFLICT',
      `Task ${id} is not merged: its check “${verify_command}” has not passed on ${work.head.slice(0, 9)}, and ${why}. Take the check away to merge without it: runboard edit ${id} --verify ''`,
      { id },
    )
  }
  const result = await checkInCall(context, run, { command: verify_command, cwd: worktree, ofMerge: true })
  const facts = JSON.stringify(await verifyFacts(result, worktree))
  await context.write((tx) => tx.run(taskRuns.setObserved, { id: run.id, observed: facts }))
  if (result.exit_code !== 0) throw refuseFailed(task, 'merged', result)
  // A caller that stopped the check just as it passed does not want the merge either.
  if (context.caller.signal?.aborted === true) throw refuseLeft(run, 'merged')
}

function refuseFailed(
  task: TaskRow,
  word: string,
  { exit_code, output, log_path, problem }: VerifyResult,
): OperationError {
  return new OperationError(
    'CONFLICT',
    `Task ${task.id} is not ${word}: its check “${task.verify_command ?? ''}” ended with ${exit_code}. The end of its output:\n${output}`,
    { id: task.id, exit_code, output, problem, has_log: log_path !== null },
  )
}

function refuseLeft({ id, task_id }: RunRow, word: string): OperationError {
  return new OperationError(
    'BUSY',
    `The check of task ${task_id} was stopped because its caller has gone, so the task is not ${word}.`,
    { id: task_id, run_id: id },
  )
}

async function checkInCall(
  context: BoardContext,
  run: RunRow,
  wish: { command: string; cwd: string; ofMerge?: boolean },
): Promise<VerifyResult> {
  await refuseSecondCheck(context, run, wish.cwd)
  let check: RunningCheck | null
  try {
    check = await beginCheck(context.services, context.board, run, { ...wish, waits: 'call' })
  } catch (error) {
    if (error instanceof WorkerSetupError) return notStarted(error)
    throw error
  }
  if (check === null) {
    throw new OperationError(
      'CONFLICT',
      `The check of task ${run.task_id} was not started: its run is over, is being stopped, or is being checked already.`,
      { id: run.task_id, run_id: run.id },
    )
  }
  const followed = followInCall(context, run, check, wish.ofMerge === true)
  context.services.pendingCalls.add(followed)
  try {
    return await followed
  } finally {
    context.services.pendingCalls.delete(followed)
  }
}

/** Two checks in one workspace spoil each other. A check that nobody waits for any more is ended to make room. */
async function refuseSecondCheck({ board, read }: BoardContext, run: RunRow, cwd: string): Promise<void> {
  for (const row of read.all(runChecks.all, {})) {
    const checked = read.get(taskRuns.byId, { id: row.run_id }) ?? run
    if (row.run_id !== run.id && checked.workspace_path !== cwd) continue
    const target = checkTargetOf(row)
    const isRunning = target === null || (isAlive(target) && isWaitedFor(row))
    // What cannot be stopped still works in the folder.
    if (isRunning || (await stopCheck(row)).length > 0) throw refuseBusy(checked, row, run)
    await forgetCheck(board, row)
  }
}

function refuseBusy({ task_id }: RunRow, { pid }: CheckRow, run: RunRow): OperationError {
  return new OperationError(
    'CONFLICT',
    `The check of task ${task_id} is running already (process ${pid})${task_id === run.task_id ? '' : ' in the same folder'}: wait for it, or stop the task.`,
    { id: run.task_id, run_id: run.id, pid },
  )
}

/** Waits until a check ends, takes too long, or the caller has gone. */
async function followInCall(
  { services, board, caller }: BoardContext,
  run: RunRow,
  check: RunningCheck,
  isMerge: boolean,
): Promise<VerifyResult> {
  const log = watchCheckLog(check)
  const limit = run.ended_at === null ? limitOf(services.clock(), run) : CHECK_LIMIT_MS
  const ended = new AbortController()
  const end = new Promise<'late' | 'left'>((resolve) => {
    const timer = setTimeout(() => resolve('late'), limit)
    ended.signal.addEventListener('abort', () => clearTimeout(timer))
    const leave = () => resolve('left')
    for (const signal of [services.closing.signal, caller.signal]) {
      if (signal?.aborted) leave()
      signal?.addEventListener('abort', leave, { once: true })
      ended.signal.addEventListener('abort', () => signal?.removeEventListener('abort', leave))
    }
  })
  let survivors: TreeProcess[] = []
  try {
    const how = await Promise.race([end, check.exited])
    if (how === 'left' || how === 'late') survivors = await stopCheck(check.row)
    if (how === 'left') throw refuseLeft(run, isMerge ? 'merged' : 'done')
    const exit = how === 'late' || how === 'never_started' ? null : how
    const result = await checkResult(exit, check.row.log_path)
    return how === 'late' ? lateResult(result, limit) : result
  } finally {
    ended.abort()
    await log.stop()
    // A check that could not be stopped stays on record, so that no other begins beside it.
    if (survivors.length === 0) await forgetCheck(board, check.row)
  }
}

/** In milliseconds: the limit of a check, but at most the rest of its run's limit. */
function limitOf(now: number, run: RunRow): number {
  const { max_runtime_seconds, spawned_at } = run
  if (max_runtime_seconds === null || spawned_at === null) return CHECK_LIMIT_MS
  return Math.max(1_000, Math.min(CHECK_LIMIT_MS, max_runtime_seconds * 1000 - workerAge(run, now)))
}
