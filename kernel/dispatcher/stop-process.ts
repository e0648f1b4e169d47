import type { Exit } from '../lifecycle/end-run.ts'
import type { Services } from '../services.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { isThisHost } from '../workers/identity.ts'
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

/** @returns the status that the keeper left, null when there is none or the program was never started */
export function readExit(run: RunRow): Exit | null {
  const path = exitPathOf(run)
  const exit = path === null ? null : readExitFile(path)
  return exit === 'never_started' ? null : exit
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
  return { exit: readExit(run), survivors }
}
