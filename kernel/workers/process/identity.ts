import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { thisSystem } from './systems/index.ts'
import type { ProcessIdentity } from './systems/system.ts'

export type { ProcessIdentity } from './systems/system.ts'

/**
 * The start key of a living process; null when the process does not exist, is a zombie, or its start cannot be read.
 * Of Linux it has the boot id and the start ticks from /proc, of Windows and macOS the time of the start.
 */
export function startKeyOf(pid: number): string | null {
  return Number.isInteger(pid) && pid > 0 ? thisSystem.startKeyOf(pid) : null
}

/** True when exactly this process still runs: the pid exists, is not a zombie, and has this start key. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.started_key !== null && startKeyOf(identity.pid) === identity.started_key
}

/**
 * Resumes a process of ours that was stopped: a worker can stop the keeper that waits for it.
 *
 * @returns whether it was stopped
 */
export function resumeStopped(identity: ProcessIdentity): boolean {
  if (!isAlive(identity) || !thisSystem.isStopped(identity.pid)) return false
  try {
    thisSystem.signal(identity, 'SIGCONT')
    return true
  } catch {
    // The process is gone, or belongs to another user.
    return false
  }
}

/** A cheap check of one system call, which may miss a reused pid or a zombie: false means surely gone. */
function mayBeAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export interface WatchOptions {
  /** Milliseconds between two looks. */
  interval_ms?: number
  /** Stops watching; the promise then resolves to false. */
  signal?: AbortSignal
  /** For tests, and for the loop between two looks. */
  clock?: { sleep(ms: number, signal?: AbortSignal): Promise<void> }
}

const realClock = {
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await delay(ms, undefined, { ref: false, ...(signal && { signal }) })
  },
}

/**
 * Waits until a process that is not our child is gone. Resolves to true when it is gone, false when aborted. Its
 * timers do not keep this process alive. A process without a start key counts as gone, because it cannot be
 * identified.
 */
export async function watchProcess(identity: ProcessIdentity, options: WatchOptions = {}): Promise<boolean> {
  const { interval_ms = 100, signal, clock = realClock } = options
  // Where the full check runs a program, most looks only test whether the pid exists.
  const fullLookEvery = thisSystem.isQuick ? 1 : 20
  for (let look = 0; !signal?.aborted; look++) {
    const alive = look % fullLookEvery === 0 ? isAlive(identity) : mayBeAlive(identity.pid)
    if (!alive) return true
    try {
      await clock.sleep(interval_ms, signal)
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  }
  return false
}

let machineId: string | null = null

function readMachineId(): string {
  try {
    return thisSystem.machineId()
  } catch {
    return ''
  }
}

function readPidNamespace(): string {
  if (process.platform !== 'linux') return ''
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/**
 * Names the pid space of this process: `<machine id>/<pid namespace>@<hostname>`. A pid recorded under another name
 * means nothing here: it belongs to another machine, or to another container on this one. Compare with `isThisHost`.
 */
export function hostIdentity(): string {
  machineId ??= `${readMachineId()}/${readPidNamespace()}`
  return `${machineId}@${hostname()}`
}

/**
 * Whether a recorded host is this one. If the machine has an id, the hostname is ignored: laptops change it with the
 * network, and must still recognise their workers.
 */
export function isThisHost(recorded: string | null): boolean {
  if (recorded === null) return false
  const here = hostIdentity()
  if (here.startsWith('/')) return recorded === here
  return recorded.split('@')[0] === here.split('@')[0]
}
