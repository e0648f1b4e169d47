import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Board } from '../board.ts'
import type { Reader } from '../db/connection.ts'
import type { Exit } from '../lifecycle/end-run.ts'
import * as runChecks from '../tables/run-checks.ts'
import type { CheckRow } from '../tables/run-checks.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import {
  isAlive,
  isThisHost,
  type ProcessIdentity,
  resumeStopped,
  watchProcess,
} from '../workers/identity.ts'
import { readExitFile } from '../workers/keeper.ts'
import { stopTree } from '../workers/stop-tree.ts'
import type { TreeProcess, WorkerTarget } from '../workers/tree.ts'

export interface Stopped {
  /** How the worker ended, where its keeper wrote it down. */
  exit: Exit | null
  /** What could not be stopped; empty when the tree is gone. */
  survivors: TreeProcess[]
}

/** Where the keeper of a run writes the status, beside its log. */
export function exitPathOf(run: RunRow): string | null {
  return run.log_path === null ? null : run.log_path.replace(/\.log$/, '.exit')
}

/** How a worker ended: null when nobody saw it, `never_started` when its program was never let go. */
export type Ended = Exit | 'never_started' | null

/**
 * A keeper that has not written its worker's status after so many looks, two seconds of them, never will. Looks, and not
 * time: where the machine is busy, it comes to its turn as late as we do.
 */
const KEEPER_LOOKS = 400
const LOOK_MS = 5
/** A keeper that its worker has stopped cannot write; it is resumed. */
const RESUME_EVERY = 40

/** How the worker of a run ended, once its process is gone. */
export async function readEnd(run: RunRow): Promise<Ended> {
  const keeper =
    run.keeper_pid === null || !isThisHost(run.host)
      ? null
      : { pid: run.keeper_pid, started_key: run.keeper_started_key }
  return readKeptExit(keeper, exitPathOf(run))
}

/**
 * How what a keeper waited for ended. The keeper writes the status a moment later: as long as it lives, it is waited for.
 *
 * @param keeper null where it cannot be known
 * @param path its exit file
 * @throws an error of the file system where the keeper cannot write yet (a full disk): it goes on trying, ask again later
 */
export async function readKeptExit(keeper: ProcessIdentity | null, path: string | null): Promise<Ended> {
  const isGone = keeper === null || (await waitForKeeper(keeper))
  const end = path === null ? null : readExitFile(path)
  if (end === null && path !== null && !isGone) refuseUnlessWritable(path)
  return end
}

async function waitForKeeper(keeper: ProcessIdentity): Promise<boolean> {
  const enough = new AbortController()
  let looks = 0
  // Its own sleep would let a process with nothing else to do end before the answer.
  const sleep = (ms: number) => {
    if (looks % RESUME_EVERY === 0) resumeStopped(keeper)
    if (++looks >= KEEPER_LOOKS) enough.abort()
    return delay(ms)
  }
  return watchProcess(keeper, { interval_ms: LOOK_MS, signal: enough.signal, clock: { sleep } })
}

function refuseUnlessWritable(path: string): void {
  const probe = `${path}.probe`
  try {
    writeFileSync(probe, '0\n', { mode: 0o600 })
  } finally {
    rmSync(probe, { force: true })
  }
}

/** @returns how the processes of a run are found; null when its pid means nothing on this host */
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

/** @returns the runs that have ended by their report while their process still runs, as far as this host can tell */
export function lingeringRuns(read: Reader, now: number): RunRow[] {
  return read.all(taskRuns.endedNotExited, { since: now - LINGERING_SINCE_MS }).filter((run) => {
    const target = targetOf(run)
    return target !== null && isAlive(target)
  })
}

/** Far longer than any may live on after its report. */
const LINGERING_SINCE_MS = 20 * 60_000

/** @returns how the processes of a check are found; null on another host */
export function checkTargetOf(check: CheckRow): WorkerTarget | null {
  if (!isThisHost(check.host)) return null
  const { pid, started_key, keeper_pid, keeper_started_key, marker } = check
  return { pid, started_key, keeper_pid, keeper_started_key, markers: { check: marker } }
}

/**
 * Stops the whole process tree of a run, and that of its check, and looks that they are gone. A pid of another host, or one
 * without a start key, is never signalled: then there is nothing to stop here.
 */
export async function stopProcess(board: Board, run: RunRow): Promise<Stopped> {
  const target = targetOf(run)
  // First the worker: what it is about to start is gone with it.
  const survivors = target === null ? [] : (await stopTree(target)).survivors
  const check = board.connection.read.get(runChecks.ofRun, { run_id: run.id })
  survivors.push(...(check === undefined ? [] : await stopCheck(check)))
  const end = target === null || survivors.length > 0 ? null : await readEnd(run)
  return { exit: end === 'never_started' ? null : end, survivors }
}

/** @returns what of a check could not be stopped */
export async function stopCheck(check: CheckRow): Promise<TreeProcess[]> {
  const target = checkTargetOf(check)
  return target === null ? [] : (await stopTree(target)).survivors
}
