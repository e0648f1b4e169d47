import type { SetupOptions } from '../setup.ts'
import type { WorkerSetup } from '../workers.ts'

/** How much of each fault there is: little in every run of the tests, all of it in the soak. */
export interface Scale {
  /** Workers that a fault befalls at once. */
  workers: number
  /** What a worker floods its log with, in bytes. */
  flood_bytes: number
  /** Tasks that are ready at once. */
  tasks: number
  /** Dispatchers that are killed one after the other over one board. */
  kills: number
}

export const SHORT: Scale = { workers: 3, flood_bytes: 40e6, tasks: 24, kills: 6 }
export const WHOLE: Scale = { workers: 10, flood_bytes: 1e9, tasks: 200, kills: 60 }

export interface Fault {
  options?: () => SetupOptions
  /**
   * Brings it about, and looks at what the board says of it.
   *
   * Nothing that it started may live on when it resolves.
   */
  happen: (bundle: WorkerSetup, scale: Scale) => Promise<void>
  /** What is told on the side, because no caller waits for it. */
  reports?: readonly string[]
}

/** Makes `count` tasks for a profile. @returns their ids */
export async function createMany(
  { create }: WorkerSetup,
  count: number,
  fields: Parameters<WorkerSetup['create']>[0] & object,
): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) ids.push((await create({ title: `Task ${n}`, ...fields })).id)
  return ids
}
