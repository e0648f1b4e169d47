import type { Profile } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { keepWork } from '../board/kept-work.ts'
import type { WriteTx } from '../db/connection.ts'
import type { Claimed } from '../lifecycle/claim.ts'
import { giveBackMessages } from '../lifecycle/deliver-messages.ts'
import { failRun } from '../lifecycle/fail.ts'
import { getTask } from '../lifecycle/moved.ts'
import { finishStop } from '../lifecycle/stop.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { LastingSetupError } from '../workers/setup-error.ts'
import type { StartedWorker } from '../workers/spawn/spawn-options.ts'
import { failurePolicy } from './policy.ts'
import { makeWorkspace, prepareFiles, recordSpawned, spawnWorker, type Start } from './start-steps.ts'
import type { START_STEPS } from './steps.ts'

/** A claimed run whose worker has been started. */
export interface StartedRun {
  run: RunRow
  profile: Profile
  worker: StartedWorker
  /** The pids that existed before it, to find what it leaves behind. */
  pids_before: ReadonlySet<number> | null
}

/**
 * Starts the worker of a claimed run: workspace, context, command, process. The worker's program begins only once its
 * pid is recorded, so the board knows every worker that runs.
 *
 * @param isRefused whether the run starts again because its agent refused to continue an earlier session
 * @returns null when the worker could not be started, or was stopped meanwhile; the run is then closed
 */
export async function startRun(
  services: Services,
  board: Board,
  claimed: Claimed,
  profile: Profile,
  { isRefused = false } = {},
): Promise<StartedRun | null> {
  services.atStep('claimed')
  const model = claimed.task.model ?? profile.model
  const start: Start = { services, board, profile, ...claimed, model, isRefused }
  try {
    return await runSteps(start)
  } catch (error) {
    await closeUnstarted(start, failStart(start, error, await headAtFailure(start)))
    return null
  }
}

/** The steps after the claim, in order. A new one is a line here, a name in START_STEPS and its code in start-steps. */
async function runSteps(start: Start): Promise<StartedRun | null> {
  const { atStep } = start.services
  const step = async <T>(name: (typeof START_STEPS)[number], work: () => T | Promise<T>): Promise<T> => {
    const result = await work()
    atStep(name)
    return result
  }
  const workspace = await step('workspace', () => makeWorkspace(start))
  const prepared = await step('context', () => prepareFiles(start, workspace))
  const spawned = await step('spawned', () => spawnWorker(start, workspace, prepared))
  const { worker, pids_before } = spawned
  const run = await step('recorded', () =>
    recordSpawned(start, workspace, prepared, spawned).catch((error: unknown) => {
      worker.cancel()
      throw error
    }),
  )
  if (run === null) {
    worker.cancel()
    await closeUnstarted(start, finishWithoutExit)
    return null
  }
  await step('started', () => worker.go())
  return { run, profile: start.profile, worker, pids_before }
}

type Close = (tx: WriteTx, task: TaskRow, run: RunRow) => void

const finishWithoutExit: Close = (tx, task, run) => finishStop(tx, task, run, null)

/** Closes a run whose worker was not started, unless it is over already. */
async function closeUnstarted({ board, run }: Start, close: Close): Promise<void> {
  await board.connection.write('dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    giveBackMessages(tx, run)
    if (now !== undefined && now.ended_at === null) close(tx, getTask(tx, now.task_id), now)
  })
}

/** Fails a run whose start failed; a requested stop is its end all the same. */
function failStart({ services, board, profile }: Start, error: unknown, head: string | null): Close {
  const message = error instanceof Error ? error.message : String(error)
  const failure = { outcome: 'spawn_failed' as const, error: message, lasting: isLasting(error), head }
  return (tx, task, run) => {
    if (run.stop_requested_at !== null) finishWithoutExit(tx, task, run)
    else failRun(tx, task, run, failure, failurePolicy(services, board, profile))
  }
}

/** @returns the commit of the work of earlier steps, for the step that follows `gave_up` */
async function headAtFailure({ board, task }: Start): Promise<string | null> {
  if (task.workflow_run_id === null) return null
  // The cause of the failed start may make git fail too.
  return keepWork(board, getTask(board.connection.read, task.id)).catch(() => null)
}

/** The failed step wraps the error it caught in one with its own name. */
function isLasting(error: unknown): boolean {
  return (
    error instanceof Error && (error instanceof LastingSetupError || error.cause instanceof LastingSetupError)
  )
}
