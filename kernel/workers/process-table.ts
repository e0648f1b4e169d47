import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as othersTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isDeadState, linuxStartKey, parseProcStat, type ProcessIdentity, PS_ENV } from './identity.ts'
import { KEEPER_COMMAND } from './keeper.ts'

const run = promisify(execFile)

/** One living process (zombies are left out). */
export interface ProcessEntry {
  pid: number
  started_key: string
  ppid: number
  /** The session on Linux; elsewhere, where `ps` does not tell it, the process group. */
  group: number
  /** Start time in units of the platform, only to tell which of two processes is older. */
  started_order: number
  /** Resident memory, where the table already knows it; null on Linux (see memoryOf). */
  rss_bytes: number | null
  /** The command line, where the table already knows it; null on Linux (see commandOf). */
  command: string | null
}

export type ProcessTable = ReadonlyMap<number, ProcessEntry>

/**
 * A snapshot of all processes that can be seen: /proc on Linux (15 ms where there are five hundred, in small steps), a
 * helper program elsewhere.
 */
export async function readProcessTable(): Promise<ProcessTable> {
  if (process.platform === 'linux') return readLinuxTable(linuxPids())
  return process.platform === 'win32' ? readWindowsTable() : readPsTable()
}

function toTable(entries: Iterable<ProcessEntry>): ProcessTable {
  return new Map([...entries].map((entry) => [entry.pid, entry]))
}

function readLinuxEntry(pid: number): ProcessEntry | null {
  try {
    const stat = parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    if (stat === null || isDeadState(stat.state)) return null
    return {
      pid,
      started_key: linuxStartKey(stat.start_ticks),
      ppid: stat.ppid,
      group: stat.sid,
      started_order: stat.start_ticks,
      rss_bytes: null,
      command: null,
    }
  } catch {
    // It ended between the listing and the look.
    return null
  }
}

function linuxPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** How many processes are looked at before others get their turn: about two milliseconds. */
const STEP = 64

async function readLinuxTable(pids: readonly number[]): Promise<ProcessTable> {
  const entries: ProcessEntry[] = []
  for (const [index, pid] of pids.entries()) {
    if (index % STEP === STEP - 1) await othersTurn()
    const entry = readLinuxEntry(pid)
    if (entry !== null) entries.push(entry)
  }
  return toTable(entries)
}

/** The pids that there are now, for `readNewProcesses`. null where they cannot be had for next to nothing. */
export function pidsNow(): ReadonlySet<number> | null {
  return process.platform === 'linux' ? new Set(linuxPids()) : null
}

/**
 * The processes that were not there before: for whoever wants to know what is left of something short, on a machine where
 * much else runs. One that got the pid of another which has gone since is left out.
 *
 * @param before from `pidsNow`; null reads all
 */
export async function readNewProcesses(before: ReadonlySet<number> | null): Promise<ProcessTable> {
  if (before === null || process.platform !== 'linux') return readProcessTable()
  return readLinuxTable(linuxPids().filter((pid) => !before.has(pid)))
}

/** Of so many looks of a `ProcessScan` one reads the whole table: a pid that is not ours may have been used again. */
const LOOKS_PER_WHOLE = 15

/**
 * Looks at the processes of the machine every few seconds, for whoever follows a few of them among many. On Linux a
 * process that was found to be none of theirs is not read again: what is below it later is not theirs either. Elsewhere,
 * where a helper program is started for it, most looks are left out.
 */
export class ProcessScan {
  #others: ReadonlySet<number> = new Set()
  #looks = 0

  /** The next look reads all: somebody else is followed from now on. */
  forget(): void {
    this.#looks = 0
  }

  /** @returns the processes that may be theirs, and this one; null when this look is left out */
  async look(): Promise<ProcessTable | null> {
    const isWhole = this.#looks++ % LOOKS_PER_WHOLE === 0
    if (process.platform !== 'linux') return isWhole ? readProcessTable() : null
    const others = isWhole ? new Set<number>() : this.#others
    this.#others = others
    return readLinuxTable(linuxPids().filter((pid) => !others.has(pid)))
  }

  /**
   * @param table what `look` gave
   * @param ours the pids in it that are theirs
   */
  note(table: ProcessTable, ours: ReadonlySet<number>): void {
    const others = [...table.keys()].filter((pid) => !ours.has(pid) && pid !== process.pid)
    this.#others = new Set([...this.#others, ...others])
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

/** macOS and other Unix. Exported because it can be tried on Linux too. */
export async function readPsTable(): Promise<ProcessTable> {
  const columns = 'pid=,ppid=,pgid=,stat=,rss=,lstart=,args='
  const options = { env: PS_ENV, timeout: 10_000, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await run('ps', ['-axww', '-o', columns], options)
  return toTable(
    stdout
      .split('\n')
      .map(parsePsLine)
      .filter((entry) => entry !== null),
  )
}

/** Unproved (no Windows to try it on). */
async function readWindowsTable(): Promise<ProcessTable> {
  const query =
    'Get-CimInstance Win32_Process | Where-Object CreationDate | ForEach-Object { "{0} {1} {2} {3} {4}" -f ' +
    '$_.ProcessId, $_.ParentProcessId, $_.WorkingSetSize, $_.CreationDate.ToUniversalTime().Ticks, $_.CommandLine }'
  const options = { windowsHide: true, timeout: 30_000, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await run(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-Command', query],
    options,
  )
  const entries = stdout.split(/\r?\n/).flatMap((line): ProcessEntry[] => {
    const [, pid, ppid, memory, ticks, command] = /^(\d+) (\d+) (\d+) (\d+) ?(.*)$/.exec(line) ?? []
    if (ticks === undefined) return []
    return [
      {
        pid: Number(pid),
        started_key: ticks,
        ppid: Number(ppid),
        group: 0,
        started_order: Number(ticks),
        rss_bytes: Number(memory),
        command: command ?? '',
      },
    ]
  })
  return toTable(entries)
}

/** The argument vector of a Linux process, [] when it cannot be read. */
function readArgv(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}

/** The command line for people: arguments joined by spaces, at most 300 characters. */
export function commandOf(entry: ProcessEntry): string {
  const command = entry.command ?? readArgv(entry.pid).join(' ')
  return command.length > 300 ? `${command.slice(0, 299)}…` : command
}

/** Whether this process is the keeper of a run (keeper.ts). Only a leader of its group can be one. */
export function isKeeper(entry: ProcessEntry): boolean {
  if (entry.group !== entry.pid) return false
  const command = entry.command ?? readArgv(entry.pid).join(' ')
  return command.startsWith(KEEPER_COMMAND.join(' '))
}

/**
 * Whether a Linux process was started with all of these `NAME=value` entries in its environment. False where the
 * environment cannot be read: another user's process, or not Linux.
 */
export function hasEnvironment(pid: number, entries: readonly string[]): boolean {
  if (process.platform !== 'linux') return false
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`
    return entries.every((entry) => environment.includes(`\0${entry}\0`))
  } catch {
    return false
  }
}

/** Resident memory now and at its highest, in bytes. `peak_rss_bytes` is null where the system does not keep it. */
export function memoryOf(entry: ProcessEntry): { rss_bytes: number; peak_rss_bytes: number | null } {
  if (entry.rss_bytes !== null) return { rss_bytes: entry.rss_bytes, peak_rss_bytes: null }
  try {
    const status = readFileSync(`/proc/${entry.pid}/status`, 'latin1')
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
    return { rss_bytes: kilobytes('VmRSS') * 1024, peak_rss_bytes: kilobytes('VmHWM') * 1024 }
  } catch {
    return { rss_bytes: 0, peak_rss_bytes: 0 }
  }
}

/** Those of the given processes that still run: same pid, same start key, no zombie. */
export async function livingOf<T extends ProcessIdentity>(processes: readonly T[]): Promise<T[]> {
  if (processes.length === 0) return []
  const linux = process.platform === 'linux'
  const table = linux ? null : await readProcessTable()
  return processes.filter(({ pid, started_key }) => {
    const entry = table === null ? readLinuxEntry(pid) : table.get(pid)
    return entry?.started_key === started_key
  })
}
