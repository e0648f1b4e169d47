import { startKeyOf } from '../workers/process/identity.ts'
import { thisSystem } from '../workers/process/systems/index.ts'

/** Ends a process at once, as if by a power cut. Others see that SIGKILL ended it, also on Windows. */
export function killNow(pid: number): void {
  thisSystem.signal({ pid, started_key: startKeyOf(pid) }, 'SIGKILL')
}
