import { readFileSync } from 'node:fs'
import { linuxStartKey, parseProcStat } from './systems/linux.ts'
import type { ProcessIdentity } from './systems/system.ts'

/** Linux counts starts in hundredths of a second for every program, whatever the kernel was built with. */
const TICK_MS = 10

/**
 * How long a process has lived, in milliseconds, by the system's count, because the wall clock may have been set
 * since. Includes the time that the machine slept. Linux only.
 *
 * @returns null if unknown: on another system, or for a process that is gone
 */
export function processAge({ pid, started_key }: ProcessIdentity): number | null {
  if (process.platform !== 'linux') return null
  try {
    const stat = parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    if (stat === null || linuxStartKey(stat.start_ticks) !== started_key) return null
    const uptime_ms = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000
    return Number.isFinite(uptime_ms) ? Math.max(0, uptime_ms - stat.start_ticks * TICK_MS) : null
  } catch {
    // It has ended, or the system hides it.
    return null
  }
}
