import { readFileSync } from 'node:fs'
import { KEEPER_COMMAND } from './keeper.ts'
import { thisSystem } from './systems/index.ts'
import { linuxPids, readLinuxEntries } from './systems/linux.ts'
import type { MemoryUse, ProcessEntry, ProcessIdentity } from './systems/system.ts'

export type { ProcessEntry } from './systems/system.ts'

export type ProcessTable = ReadonlyMap<number, ProcessEntry>

/** A snapshot of all processes that this user can see. */
export async function readProcessTable(): Promise<ProcessTable> {
  return toTable(await thisSystem.readTable())
}

function toTable(entries: readonly ProcessEntry[]): ProcessTable {
  return new Map(entries.map((entry) => [entry.pid, entry]))
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
  return toTable(await readLinuxEntries(linuxPids().filter((pid) => !before.has(pid))))
}

/** Every Nth scan reads the full table: the pid of a foreign process may have been reused. */
const LOOKS_PER_WHOLE = 15

/**
 * Scans the machine's processes every few seconds, for callers that follow a few of them. On Linux a process that was
 * found to be foreign is not read again: its later children are foreign too. Where a scan runs a program, most scans
 * are skipped.
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
    if (process.platform !== 'linux') return isWhole || thisSystem.isQuick ? readProcessTable() : null
    const others = isWhole ? new Set<number>() : this.#others
    this.#others = others
    return toTable(await readLinuxEntries(linuxPids().filter((pid) => !others.has(pid))))
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

function commandLineOf(entry: ProcessEntry): string {
  return entry.command ?? thisSystem.commandLineOf(entry.pid)
}

/** The command line as shown to people: arguments joined by spaces, at most 300 characters. */
export function commandOf(entry: ProcessEntry): string {
  const command = commandLineOf(entry)
  return command.length > 300 ? `${command.slice(0, 299)}…` : command
}

/** Whether this process is the keeper of a run (keeper.ts). A keeper always leads its group. */
export function isKeeper(entry: ProcessEntry): boolean {
  if (entry.group !== entry.pid) return false
  return entry.is_keeper ?? commandLineOf(entry).startsWith(KEEPER_COMMAND.join(' '))
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
export function memoryOf(entry: ProcessEntry): MemoryUse {
  if (entry.rss_bytes !== null) return { rss_bytes: entry.rss_bytes, peak_rss_bytes: null }
  return thisSystem.memoryOf(entry.pid)
}

/** The given processes that still run: same pid, same start key, not a zombie. */
export async function livingOf<T extends ProcessIdentity>(processes: readonly T[]): Promise<T[]> {
  if (processes.length === 0) return []
  const table = thisSystem.isQuick ? null : await readProcessTable()
  return processes.filter(({ pid, started_key }) => {
    const key = table === null ? thisSystem.startKeyOf(pid) : table.get(pid)?.started_key
    return key != null && key === started_key
  })
}
