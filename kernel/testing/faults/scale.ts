import type { SetupOptions } from '../setup.ts'
import type { WorkerSetup } from '../workers.ts'

/** How large each fault is: small in every test run, full size in the soak. */
export interface Scale {
  /** Workers that a fault affects at once. */
  workers: number
  /** How much a worker floods its log with, in bytes. */
  flood_bytes: number
  /** Tasks that are ready at once. */
  tasks: number
  /** Dispatchers that are killed one after the other on one board. */
  kills: number
}

export const SHORT: Scale = { workers: 3, flood_bytes: 40e6, tasks: 24, kills: 6 }
export const WHOLE: Scale = { workers: 10, flood_bytes: 1e9, tasks: 200, kills: 60 }

export interface Fault {
  options?: () => SetupOptions
  /**
   * Causes the fault, and checks what the board says about it. No process that it started may be alive when it
   * resolves.
   */
  happen: (bundle: WorkerSetup, scale: Scale) => Promise<void>
  /** Reports that the kernel makes because no caller waits for the error. */
  reports?: readonly string[]
}

/** Creates `count` tasks for a profile. @returns their ids */
export async function createMany(
  { create }: WorkerSetup,
  count: number,
  fields: Parameters<WorkerSetup['create']>[0] & object,
): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push((await create({ title: `Task ${n}`, ...fields })).id)
  return ids
}
