import { setTimeout as delay } from 'node:timers/promises'
import type { Exit } from '../lifecycle/end-run.ts'
import type { Services } from '../services.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { isThisHost, watchProcess } from '../workers/identity.ts'
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

/**
 * How the worker of a run ended, once its process is gone. The keeper writes the status a moment later: as long as it
 * lives, it is waited for.
 */
export async function readEnd(run: RunRow): Promise<Ended> {
  if (run.keeper_pid !== null && isThisHost(run.host)) {
    const keeper = { pid: run.keeper_pid, started_key: run.keeper_started_key }
    const enough = new AbortController()
    let looks = 0
    // Its own sleep would let a process with nothing else to do end before the answer.
    const sleep = (ms: number) => {
      if (++looks >= KEEPER_LOOKS) enough.abort()
      return delay(ms)
    }
    await watchProcess(keeper, { interval_ms: LOOK_MS, signal: enough.signal, clock: { sleep } })
  }
  const path = exitPathOf(run)
  return path === null ? null : readExitFile(path)
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

/**
 * Stops the whole process tree of a run and looks that it is gone. A pid of another host, or one without a start key, is
 * never signalled: then there is nothing to stop here.
 */
export async function stopProcess(_services: Services, run: RunRow): Promise<Stopped> {
  const target = targetOf(run)
  if (target === null) return { exit: null, survivors: [] }
  const { survivors } = await stopTree(target)
  const end = survivors.length > 0 ? null : await readEnd(run)
  return { exit: end === 'never_started' ? null : end, survivors }
}
