import { lazily } from '../../../contract/index.ts'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as othersTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isDeadState, linuxStartKey, parseProcStat, type ProcessIdentity, PS_ENV } from './identity.ts'
import { KEEPER_COMMAND } from './keeper.ts'

const run = lazily(() => promisify(execFile))

/** One living process (zombies are left out). */
export interface ProcessEntry {
  pid: number
  started_key: string
  ppid: number
  /** The session on Linux; the process group elsewhere, because `ps` does not print the session there. */
  group: number
  /** Start time in platform units; only for telling which of two processes is older. */
  started_order: number
  /** Resident memory, if the table has it; null on Linux (see memoryOf). */
  rss_bytes: number | null
  /** The command line, if the table has it; null on Linux (see commandOf). */
  command: string | null
}

export type ProcessTable = ReadonlyMap<number, ProcessEntry>

/**
 * A snapshot of all visible processes: from /proc on Linux (15 ms for five hundred, in small steps), from a helper
 * program elsewhere.
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
    // It ended between the listing and the read.
    return null
  }
}

function linuxPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** How many processes are read before the event loop gets a turn: about two milliseconds. */
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

/** The current pids, for `readNewProcesses`. null where listing them is not cheap. */
export function pidsNow(): ReadonlySet<number> | null {
  return process.platform === 'linux' ? new Set(linuxPids()) : null
}

/**
 * The processes that did not exist before. For finding the remains of a short process on a machine that runs many
 * others. A process that reused the pid of an ended one is missed.
 *
 * @param before from `pidsNow`; null reads all
 */
export async function readNewProcesses(before: ReadonlySet<number> | null): Promise<ProcessTable> {
  if (before === null || process.platform !== 'linux') return readProcessTable()
  return readLinuxTable(linuxPids().filter((pid) => !before.has(pid)))
}

/** Every Nth scan reads the full table: the pid of a foreign process may have been reused. */
const LOOKS_PER_WHOLE = 15

/**
 * Scans the machine's processes every few seconds, for callers that follow a few of them. On Linux a process that was
 * found to be foreign is not read again: its later children are foreign too. Elsewhere, where a scan runs a helper
 * program, most scans are skipped.
 */
export class ProcessScan {
  #others: ReadonlySet<number> = new Set()
  #looks = 0

  /** Makes the next scan read everything, because another process is followed from now on. */
  forget(): void {
    this.#looks = 0
  }

  /** @returns the processes that may belong to the followed ones, and this one; null when this scan is skipped */
  async look(): Promise<ProcessTable | null> {
    const isWhole = this.#looks++ % LOOKS_PER_WHOLE === 0
    if (process.platform !== 'linux') return isWhole ? readProcessTable() : null
    const others = isWhole ? new Set<number>() : this.#others
    this.#others = others
    return readLinuxTable(linuxPids().filter((pid) => !others.has(pid)))
  }

  /**
   * @param table the result of `look`
   * @param ours the pids in it that belong to followed processes
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

/** macOS and other Unix. Exported because it can be tested on Linux too. */
export async function readPsTable(): Promise<ProcessTable> {
  const columns = 'pid=,ppid=,pgid=,stat=,rss=,lstart=,args='
  const options = { env: PS_ENV, timeout: 10_000, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await run()('ps', ['-axww', '-o', columns], options)
  return toTable(
    stdout
      .split('\n')
      .map(parsePsLine)
      .filter((entry) => entry !== null),
  )
}

/** Untested (we have no Windows). */
async function readWindowsTable(): Promise<ProcessTable> {
  const query =
    'Get-CimInstance Win32_Process | Where-Object CreationDate | ForEach-Object { "{0} {1} {2} {3} {4}" -f ' +
    '$_.ProcessId, $_.ParentProcessId, $_.WorkingSetSize, $_.CreationDate.ToUniversalTime().Ticks, $_.CommandLine }'
  const options = { windowsHide: true, timeout: 30_000, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await run()(
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

/** The command line as shown to people: arguments joined by spaces, at most 300 characters. */
export function commandOf(entry: ProcessEntry): string {
  const command = entry.command ?? readArgv(entry.pid).join(' ')
  return command.length > 300 ? `${command.slice(0, 299)}…` : command
}

/** Whether this process is the keeper of a run (keeper.ts). A keeper always leads its process group. */
export function isKeeper(entry: ProcessEntry): boolean {
  if (entry.group !== entry.pid) return false
  const command = entry.command ?? readArgv(entry.pid).join(' ')
  return command.startsWith(KEEPER_COMMAND.join(' '))
}

/**
 * Whether a Linux process was started with all of these `NAME=value` entries in its environment. False if the
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

/** Current and peak resident memory, in bytes. `peak_rss_bytes` is null if the system does not record it. */
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

/** The given processes that still run: same pid, same start key, not a zombie. */
export async function livingOf<T extends ProcessIdentity>(processes: readonly T[]): Promise<T[]> {
  if (processes.length === 0) return []
  const linux = process.platform === 'linux'
  const table = linux ? null : await readProcessTable()
  return processes.filter(({ pid, started_key }) => {
    const entry = table === null ? readLinuxEntry(pid) : table.get(pid)
    return entry?.started_key === started_key
  })
}
