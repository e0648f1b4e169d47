import { randomBytes } from 'node:crypto'
import type { Profile } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { whyWorkspaceNotOwn } from '../board/own-workspace.ts'
import { projectOf } from '../board/task-project.ts'
import type { Services } from '../services.ts'
import * as runChecks from '../tables/run-checks.ts'
import type { CheckRow } from '../tables/run-checks.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { checkEnvironment } from '../workers/environment/environment.ts'
import { isAlive, isThisHost, startKeyOf, watchProcess } from '../workers/process/identity.ts'
import { LogWatcher } from '../workers/log/log-watcher.ts'
import { startFolder } from '../workers/workspace/start-folder.ts'
import type { StartedWorker } from '../workers/spawn/spawn-options.ts'
import { checkExitPath, startCheck } from '../workers/spawn/verify.ts'
import type { OwnStop } from './decide-end.ts'
import { hasFinished } from './ending.ts'
import { checkTargetOf, type Ended, readKeptExit, stopCheck } from '../board/stop-process.ts'
import { workerBin } from './worker-bin.ts'

/** A running check: a process like a worker, belonging to an open run. */
export interface RunningCheck {
  row: CheckRow
  /** Resolves with how it ended. */
  exited: Promise<Ended>
}

/** Who waits for a check: the dispatcher, or a call of this process. A check of a call ends with its process. */
export type WaitsForCheck = 'dispatcher' | 'call'

export interface DueCheck {
  run: RunRow
  task: TaskRow
  /** A line for the shell. */
  command: string
  /** Absolute. */
  cwd: string
}

/**
 * The check to run after a worker has ended well, when exit 0 means done.
 *
 * @returns the command and its folder; null when there is nothing to check
 */
export async function dueCheck(
  services: Services,
  board: Board,
  runId: number,
  { end, own_stop, started_as }: { end: Ended; own_stop: OwnStop; started_as: Profile | null },
): Promise<DueCheck | null> {
  const { read } = board.connection
  const run = read.get(taskRuns.byId, { id: runId })
  if (run === undefined || run.ended_at !== null || run.stop_requested_at !== null) return null
  const task = read.get(tasks.byId, { id: run.task_id })
  const command = task?.verify_command ?? null
  // The steps of a workflow decide when a task is checked.
  if (task?.workflow_run_id != null) return null
  if (own_stop !== null || task === undefined || command === null || run.workspace_path === null) return null
  if (!(await hasFinished(services, run, started_as, end))) return null
  // The folder is not the project's work any more; the run is closed for that reason.
  if ((await whyWorkspaceNotOwn(board, task)) !== null) return null
  return { run, task, command, cwd: run.workspace_path }
}

interface CheckWish {
  command: string
  cwd: string
  waits: WaitsForCheck
  /** Allows a run that is over: its work is checked before it is merged. */
  ofMerge?: boolean
}

/**
 * Starts the check of a run. Its program begins only once its pid is recorded.
 *
 * @returns null when the run is over, is being stopped, or already has a running check
 * @throws WorkerSetupError when the check cannot be started
 */
export async function beginCheck(
  services: Services,
  board: Board,
  run: RunRow,
  { command, cwd, waits, ofMerge = false }: CheckWish,
): Promise<RunningCheck | null> {
  const marker = randomBytes(18).toString('base64url')
  const log_path = board.runFiles(run.task_id, run.id).check_log_path
  const profile = services.config.read().profiles.get(run.profile ?? '')
  const env = checkEnvironment(services.env, profile?.env ?? {}, {
    home: services.home,
    board: board.slug,
    workspace: cwd,
    marker,
    bin_dir: workerBin(services).folder,
  })
  // The same folder that its worker started in.
  const task = board.connection.read.get(tasks.byId, { id: run.task_id })
  const folder = await startFolder(cwd, task === undefined ? null : projectOf(board, task))
  const started = await startCheck(command, { cwd: folder, env, log_path })
  const row = rowOf(services, run, { command, marker, log_path, waits }, started)
  const recorded = await board.connection
    .write('dispatcher', (tx) => tx.run(runChecks.insert, { ...row, may_be_over: ofMerge ? 1 : 0 }))
    .catch((error: unknown) => {
      started.cancel()
      throw error
    })
  if (recorded === 0) {
    started.cancel()
    return null
  }
  services.atStep('checking')
  started.go()
  return { row, exited: started.exited }
}

function rowOf(
  services: Services,
  run: RunRow,
  check: { command: string; marker: string; log_path: string; waits: WaitsForCheck },
  { pid, started_key, keeper_pid }: StartedWorker,
): CheckRow {
  const isCall = check.waits === 'call'
  return {
    run_id: run.id,
    command: check.command,
    marker: check.marker,
    pid,
    started_key,
    keeper_pid,
    keeper_started_key: startKeyOf(keeper_pid),
    host: services.host,
    caller_pid: isCall ? process.pid : null,
    caller_started_key: isCall ? startKeyOf(process.pid) : null,
    log_path: check.log_path,
    started_at: services.clock(),
  }
}

/** Follows a check that another process started. */
export function adoptCheck(row: CheckRow, signal: AbortSignal): RunningCheck {
  const ended = async (): Promise<Ended> => {
    const target = checkTargetOf(row)
    if (target !== null && !(await watchProcess(target, { signal }))) return null
    const keeper = { pid: row.keeper_pid, started_key: row.keeper_started_key }
    return readKeptExit(isThisHost(row.host) ? keeper : null, checkExitPath(row.log_path))
  }
  return { row, exited: ended() }
}

/** Cuts the log of a check at the size limit of logs. */
export function watchCheckLog({ row }: RunningCheck): LogWatcher {
  const watcher = new LogWatcher({ log_path: row.log_path })
  watcher.start()
  return watcher
}

/** Whether the caller of a check still waits for it. */
export function isWaitedFor({ caller_pid, caller_started_key, host }: CheckRow): boolean {
  if (caller_pid === null || !isThisHost(host)) return true
  return isAlive({ pid: caller_pid, started_key: caller_started_key })
}

/** Checks that are being stopped already, by marker. */
const sweeping = new Set<string>()

/** Stops checks that nobody waits for any more: their run is over, or the process that started them has ended. */
export async function sweepChecks(services: Pick<Services, 'report'>, board: Board): Promise<void> {
  const { read } = board.connection
  const left = read.all(runChecks.all, {}).filter((row) => {
    if (sweeping.has(row.marker) || !isThisHost(row.host)) return false
    if (row.caller_pid !== null) return !isWaitedFor(row)
    return read.get(taskRuns.byId, { id: row.run_id })?.ended_at != null
  })
  await Promise.all(left.map((row) => sweep(services, board, row)))
}

async function sweep(services: Pick<Services, 'report'>, board: Board, row: CheckRow): Promise<void> {
  sweeping.add(row.marker)
  try {
    const survivors = await stopCheck(row)
    if (survivors.length > 0) {
      const pids = survivors.map(({ pid }) => pid).join(', ')
      services.report(`the check of run ${row.run_id} could not be stopped: ${pids} live on; trying again`)
      return
    }
    await forgetCheck(board, row)
  } finally {
    sweeping.delete(row.marker)
  }
}

/** Removes a finished check from the board. */
export async function forgetCheck(board: Board, { marker }: CheckRow): Promise<void> {
  if (!board.connection.isOpen) return
  await board.connection.write('dispatcher', (tx) => tx.run(runChecks.remove, { marker }))
}
