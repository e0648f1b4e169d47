import { checkTargetOf, targetOf } from '../board/stop-process.ts'
import { isAlive, resumeStopped } from '../workers/process/identity.ts'
import type { ProcessScan } from '../workers/process/process-table.ts'
import { treeMemory } from '../workers/process/tree.ts'
import type { Watched } from './watched.ts'

/** Records the peak memory of each watched tree, from one scan of the processes that may belong to one. */
export async function samplePeaks(processes: ProcessScan, all: Iterable<Watched>): Promise<void> {
  const table = await processes.look()
  if (table === null) return
  const ours = new Set<number>()
  for (const watched of all) {
    const target = targetOf(watched.run)
    if (target === null) continue
    const { rss_bytes, peak_rss_bytes, processes: count, pids } = treeMemory(table, target)
    for (const pid of pids) ours.add(pid)
    // For one process the system knows its peak; for several we know only their current sum.
    const seen = count === 1 ? Math.max(rss_bytes, peak_rss_bytes ?? 0) : rss_bytes
    if (seen > 0) watched.peak_rss_bytes = Math.max(watched.peak_rss_bytes ?? 0, seen)
  }
  processes.note(table, ours)
}

/**
 * A worker can stop the keeper that waits for it, then exit. Resume the keeper, or its end would never be recorded.
 */
export function resumeKeepers(all: Iterable<Watched>): void {
  for (const { run, check } of all) {
    const target = check === null ? targetOf(run) : checkTargetOf(check.row)
    if (target?.keeper_pid == null || isAlive(target)) continue
    resumeStopped({ pid: target.keeper_pid, started_key: target.keeper_started_key ?? null })
  }
}
