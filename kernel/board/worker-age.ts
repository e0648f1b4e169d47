import type { RunRow } from '../tables/task-runs.ts'
import { isThisHost } from '../workers/process/identity.ts'
import { processAge } from '../workers/process/process-age.ts'

/**
 * How long a run's worker has lived, in milliseconds: by the system's count, else by the wall clock, which may have
 * been set since.
 *
 * @param now wall time
 */
export function workerAge(run: RunRow, now: number): number {
  return countedAge(run) ?? Math.max(0, now - (run.spawned_at ?? run.started_at))
}

/**
 * How long ago an open run began, in milliseconds, also where the wall clock was set since: its worker cannot have
 * lived longer than the system counts.
 */
export function openFor(run: RunRow, now: number): number {
  const age = countedAge(run)
  if (age === null || run.spawned_at === null) return Math.max(0, now - run.started_at)
  return Math.max(0, run.spawned_at - run.started_at) + age
}

/** @returns null if the system does not say */
function countedAge({ worker_pid: pid, worker_started_key: started_key, host }: RunRow): number | null {
  const age = pid === null || !isThisHost(host) ? null : processAge({ pid, started_key })
  return age === null ? null : Math.round(age)
}
