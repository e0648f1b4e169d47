import { rmSync, writeFileSync } from 'node:fs'
import { sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DAY, SECOND } from '../../formats/time.ts'
import type { Board } from './board.ts'
import type { Reader } from '../db/connection.ts'
import type { Exit } from '../lifecycle/end-run.ts'
import * as runChecks from '../tables/run-checks.ts'
import type { CheckRow } from '../tables/run-checks.ts'
import * as runHistory from '../tables/run-history.ts'
import type { RunRow } from '../tables/task-runs.ts'
import {
  isAlive,
  isThisHost,
  type ProcessIdentity,
  resumeStopped,
  watchProcess,
} from '../workers/process/identity.ts'
import { readExitFile } from '../workers/process/keeper.ts'
import { isBridge } from '../workers/spawn/bridge-command.ts'
import { stopTree } from '../workers/process/stop-tree.ts'
import type { Traces } from '../workers/process/hidden.ts'
import type { TreeProcess, WorkerTarget } from '../workers/process/tree.ts'

export interface Stopped {
  /** How the worker ended, if its keeper recorded it. */
  exit: Exit | null
  /** Processes that could not be stopped; empty when the tree is gone. */
  survivors: TreeProcess[]
}

/** @returns the file beside a run's log in which its keeper records the exit status; null for a run without a log */
export function exitPathOf(run: RunRow): string | null {
  return run.log_path === null ? null : run.log_path.replace(/\.log$/, '.exit')
}

/** How a worker ended: null when its exit was not recorded, `never_started` when its program never ran. */
export type Ended = Exit | 'never_started' | null

/**
 * After this many polls (about two seconds) we stop waiting for a keeper to write the exit status. We count polls, not
 * time, because on a busy machine the keeper is scheduled as late as we are.
 */
const KEEPER_LOOKS = 400
const LOOK_MS = 5
/** Every this many polls we resume the keeper: its worker may have stopped it (SIGSTOP), and then it cannot write. */
const RESUME_EVERY = 40

/** How the worker of a run ended. Call once its process is gone. */
export async function readEnd(run: RunRow): Promise<Ended> {
  const keeper =
    run.keeper_pid === null || !isThisHost(run.host)
      ? null
      : { pid: run.keeper_pid, started_key: run.keeper_started_key }
  return readKeptExit(keeper, exitPathOf(run))
}

/**
 * How the process that a keeper waited for ended. The keeper writes the exit file shortly after that process is gone,
 * and then exits, so we wait for the keeper first.
 *
 * @param keeper null when it is unknown
 * @param path the exit file
 * @throws a file system error when the keeper cannot write yet (a full disk): it keeps trying, so ask again later
 */
export async function readKeptExit(keeper: ProcessIdentity | null, path: string | null): Promise<Ended> {
  const isGone = keeper === null || (await waitForKeeper(keeper))
  const end = path === null ? null : readExitFile(path)
  if (end === null && path !== null && !isGone) refuseUnlessWritable(path)
  return end
}

/** @returns whether the keeper has exited; false when we gave up waiting */
async function waitForKeeper(keeper: ProcessIdentity): Promise<boolean> {
  const enough = new AbortController()
  let looks = 0
  // The timers of the default sleep are unref'd: a process with nothing else to do would exit before the answer.
  const sleep = (ms: number) => {
    if (looks % RESUME_EVERY === 0) resumeStopped(keeper)
    if (++looks >= KEEPER_LOOKS) enough.abort()
    return delay(ms)
  }
  return watchProcess(keeper, { interval_ms: LOOK_MS, signal: enough.signal, clock: { sleep } })
}

/** @throws the file system error that a write beside `path` meets */
function refuseUnlessWritable(path: string): void {
  const probe = `${path}.probe`
  try {
    writeFileSync(probe, '0\n', { mode: 0o600 })
  } finally {
    rmSync(probe, { force: true })
  }
}

/** @returns how to find the processes of a run; null when its pid means nothing on this host */
export function targetOf(run: RunRow): WorkerTarget | null {
  if (run.worker_pid === null || run.worker_started_key === null || !isThisHost(run.host)) return null
  const markers = run.claim_lock === null ? null : { run: String(run.id), claim: run.claim_lock }
  return {
    pid: run.worker_pid,
    started_key: run.worker_started_key,
    keeper_pid: run.keeper_pid,
    keeper_started_key: run.keeper_started_key,
    markers,
  }
}

/** @returns the traces by which to find processes of a run that have cleared their environment */
export function tracesOf(board: Board, { log_path, workspace_path }: RunRow): Traces {
  const isOwn = workspace_path?.startsWith(`${board.workspacesFolder}${sep}`) ?? false
  return { log_path, workspace: isOwn ? workspace_path : null }
}

/** @returns the ended runs whose worker still lives; workers on other hosts cannot be seen */
export function lingeringRuns(read: Reader, now: number): RunRow[] {
  return read.all(runHistory.endedNotExited, { since: now - LINGERING_SINCE_MS }).filter((run) => {
    const target = targetOf(run)
    return target !== null && isAlive(target)
  })
}

/**
 * How far back to look for ended runs whose worker has not exited. Far longer than a worker may live after its report,
 * even if the machine sleeps in between.
 */
export const LINGERING_SINCE_MS = DAY

/** @returns how to find the processes of a check; null on another host */
export function checkTargetOf(check: CheckRow): WorkerTarget | null {
  if (!isThisHost(check.host)) return null
  const { pid, started_key, keeper_pid, keeper_started_key, marker } = check
  const traces = { log_path: check.log_path, workspace: null }
  return { pid, started_key, keeper_pid, keeper_started_key, markers: { check: marker }, traces }
}

/** How long the bridge may take to end the turn of its agent, and then the agent, before all processes are stopped. */
const BRIDGE_MS = 5 * SECOND

/**
 * Stops the process trees of a run and of its check, and verifies that they are gone. A process of another host, or a
 * worker without a start key, is never signalled: a pid alone does not identify it.
 */
export async function stopProcess(board: Board, run: RunRow): Promise<Stopped> {
  const target = targetOf(run)
  // The worker first, so that it cannot start another check.
  const traces = tracesOf(board, run)
  const alone = isBridge(run) ? { alone_ms: BRIDGE_MS } : {}
  const survivors = target === null ? [] : (await stopTree({ ...target, traces }, alone)).survivors
  const check = board.connection.read.get(runChecks.ofRun, { run_id: run.id })
  survivors.push(...(check === undefined ? [] : await stopCheck(check)))
  const end = target === null || survivors.length > 0 ? null : await readEnd(run)
  return { exit: end === 'never_started' ? null : end, survivors }
}

/** @returns the processes of a check that could not be stopped */
export async function stopCheck(check: CheckRow): Promise<TreeProcess[]> {
  const target = checkTargetOf(check)
  return target === null ? [] : (await stopTree(target)).survivors
}
