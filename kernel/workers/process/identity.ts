import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A process is identified by its pid and its start key, never by the pid alone: pids are reused, and a signal to a
 * reused pid hits an innocent process. A null key means "unknown": such a process is never signalled.
 */
export interface ProcessIdentity {
  pid: number
  started_key: string | null
}

/** The fields of /proc/<pid>/stat that are used here. `start_ticks` is in clock ticks since boot. */
export interface ProcStat {
  state: string
  ppid: number
  pgid: number
  sid: number
  /** The device of its controlling terminal; 0 for none. */
  terminal: number
  start_ticks: number
}

/**
 * Parses one /proc/<pid>/stat (proc_pid_stat(5)). The command name in field 2 may itself hold spaces and parentheses,
 * so the fields are counted from the last `)`. Returns null for any other text.
 */
export function parseProcStat(text: string): ProcStat | null {
  const close = text.lastIndexOf(')')
  if (close < 0) return null
  const fields = text.slice(close + 2).split(' ')
  const [state, ppid, pgid, sid, terminal] = fields
  const ticks = fields[19]
  if (state === undefined || ppid === undefined || pgid === undefined || sid === undefined) return null
  if (ticks === undefined) return null
  return {
    state,
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    terminal: Number(terminal),
    start_ticks: Number(ticks),
  }
}

/** A zombie has ended and waits to be reaped; `X` appears briefly while the entry is removed. */
export function isDeadState(state: string): boolean {
  return state.startsWith('Z') || state.startsWith('X') || state.startsWith('x')
}

let bootId: string | null = null

/** The kernel's id of this boot. Together with it, a start time in ticks since boot stays unique after a reboot. */
function linuxBootId(): string {
  if (bootId === null) {
    try {
      bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    } catch {
      // Masked in some sandboxes. The key is then weaker only across reboots.
      bootId = 'unknown-boot'
    }
  }
  return bootId
}

/** The start key of a Linux process from its start ticks. */
export function linuxStartKey(startTicks: number): string {
  return `${linuxBootId()}:${startTicks}`
}

function readLinuxStartKey(pid: number): string | null {
  try {
    const stat = parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    return stat === null || isDeadState(stat.state) ? null : linuxStartKey(stat.start_ticks)
  } catch {
    return null
  }
}

/** Locale and time zone are fixed: the printed start time is the key, and must be the same for every caller. */
export const PS_ENV = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' } as const

/**
 * The start key from `ps` (macOS and other Unix): `lstart`, whole seconds, in UTC. Exported because it can be tested
 * on Linux too. Blocks for some milliseconds.
 */
export function readPsStartKey(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'latin1',
      env: PS_ENV,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    }).trim()
    const [state, ...started] = line.split(/\s+/)
    return state === undefined || started.length === 0 || isDeadState(state) ? null : started.join(' ')
  } catch {
    return null
  }
}

/** Untested (we have no Windows), and slow: about half a second. */
function readWindowsStartKey(pid: number): string | null {
  const query = `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CreationDate.ToUniversalTime().Ticks`
  try {
    const ticks = execFileSync('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', query], {
      encoding: 'latin1',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 15_000,
    }).trim()
    return /^\d+$/.test(ticks) ? ticks : null
  } catch {
    return null
  }
}

/**
 * The start key of a living process; null when the process does not exist, is a zombie, or its start cannot be read.
 * On Linux made of the boot id and the start ticks from /proc (takes microseconds). Elsewhere a helper program is
 * run.
 */
export function startKeyOf(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null
  if (process.platform === 'linux') return readLinuxStartKey(pid)
  return process.platform === 'win32' ? readWindowsStartKey(pid) : readPsStartKey(pid)
}

/** True when exactly this process still runs: the pid exists, is not a zombie, and has this start key. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.started_key !== null && startKeyOf(identity.pid) === identity.started_key
}

/** Whether the process is stopped (SIGSTOP), and so does nothing. */
function isStopped(pid: number): boolean {
  if (process.platform === 'win32') return false
  try {
    if (process.platform === 'linux')
      return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.state === 'T'
    const options = { encoding: 'latin1', env: PS_ENV, timeout: 5_000 } as const
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], options).startsWith('T')
  } catch {
    return false
  }
}

/**
 * Resumes a process of ours that was stopped: a worker can stop the keeper that waits for it.
 *
 * @returns whether it was stopped
 */
export function resumeStopped(identity: ProcessIdentity): boolean {
  if (!isAlive(identity) || !isStopped(identity.pid)) return false
  try {
    process.kill(identity.pid, 'SIGCONT')
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
  // Outside Linux the full check runs a program, so most looks only test whether the pid exists.
  const fullLookEvery = process.platform === 'linux' ? 1 : 20
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

/** An id of the machine that survives reboots and renames, or '' if none can be read. */
function readMachineId(): string {
  try {
    if (process.platform === 'linux') {
      const id = readFileSync('/etc/machine-id', 'latin1').trim()
      return id === 'uninitialized' ? '' : id
    }
    if (process.platform === 'win32') {
      const key = 'HKLM\\SOFTWARE\\Microsoft\\Cryptography'
      const out = execFileSync('reg', ['query', key, '/v', 'MachineGuid'], {
        encoding: 'latin1',
        windowsHide: true,
      })
      return /REG_SZ\s+(\S+)/.exec(out)?.[1] ?? ''
    }
    if (process.platform !== 'darwin') return ''
    const args = ['-rd1', '-c', 'IOPlatformExpertDevice']
    const out = execFileSync('/usr/sbin/ioreg', args, { encoding: 'latin1', timeout: 5_000 })
    return /"IOPlatformUUID" = "([^"]+)"/.exec(out)?.[1] ?? ''
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
