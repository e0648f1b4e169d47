import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { isDeadState } from './linux.ts'
import { type ProcessEntry, type ProcessSystem, sendSignal } from './system.ts'

const run = promisify(execFile)

/** Locale and time zone are fixed: the printed start time is the key, and must be the same for every caller. */
const PS_ENV = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' } as const

/**
 * The start key from `ps`: `lstart`, whole seconds, in UTC. Exported because it can be tested on Linux too. Blocks for
 * some milliseconds.
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

const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/

/** Reads one line of `ps -o pid=,ppid=,pgid=,stat=,rss=,lstart=,args=`. Exported for its test. */
export function parsePsLine(line: string): ProcessEntry | null {
  const [, pid, ppid, pgid, state, rss, started, command] = PS_LINE.exec(line) ?? []
  if (state === undefined || started === undefined || isDeadState(state)) return null
  return {
    pid: Number(pid),
    started_key: started.split(/\s+/).join(' '),
    ppid: Number(ppid),
    group: Number(pgid),
    started_order: Date.parse(`${started} UTC`),
    rss_bytes: Number(rss) * 1024,
    command: command ?? '',
  }
}

/** Exported because it can be tested on Linux too. */
export async function readPsEntries(): Promise<ProcessEntry[]> {
  const columns = 'pid=,ppid=,pgid=,stat=,rss=,lstart=,args='
  const options = { env: PS_ENV, timeout: 10_000, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await run('ps', ['-axww', '-o', columns], options)
  return stdout
    .split('\n')
    .map(parsePsLine)
    .filter((entry) => entry !== null)
}

function isStopped(pid: number): boolean {
  try {
    const options = { encoding: 'latin1', env: PS_ENV, timeout: 5_000 } as const
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], options).startsWith('T')
  } catch {
    return false
  }
}

/** Unix systems for which we have no calls of their own, such as FreeBSD. */
export const ps: ProcessSystem = {
  isQuick: false,
  startKeyOf: readPsStartKey,
  isStopped,
  readTable: readPsEntries,
  commandLineOf: () => '',
  memoryOf: () => ({ rss_bytes: 0, peak_rss_bytes: null }),
  signal: sendSignal,
  machineId: () => '',
}
