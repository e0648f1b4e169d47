import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second in /proc: USER_HZ, 100 on every Linux that Electron runs on. */
const TICKS_A_SECOND = 100

/** What one process has used so far. */
export interface Used {
  cpu_seconds: number
  /** Resident set size: what it would take if it shared nothing. */
  memory_mb: number
}

/** What a group of processes has used so far. */
export interface Taken {
  processes: number
  cpu_seconds: number
  /** Proportional set size: shared memory counts once. */
  memory_mb: number
}

interface Stat {
  parent: number
  ticks: number
}

function statOf(pid: number): Stat | null {
  try {
    // The name, in parentheses, may contain anything; the fields from the third follow the last parenthesis.
    const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ')
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
  } catch {
    return null // it has just ended
  }
}

/** @param counted `Pss`: shared memory in equal parts; `Rss`: all of it */
function memoryOf(pid: number, counted: 'Pss' | 'Rss'): number {
  try {
    const field = new RegExp(`^${counted}:\\s+(\\d+) kB$`, 'm')
    const kibibytes = field.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kibibytes ?? 0) / 1024
  } catch {
    return 0 // it has just ended
  }
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0', 1)[0] ?? ''
  } catch {
    return ''
  }
}

/** @throws Error when the process has ended */
export function usedBy(pid: number): Used {
  const stat = statOf(pid)
  if (stat === null) throw new Error(`process ${pid} has ended`)
  return { cpu_seconds: stat.ticks / TICKS_A_SECOND, memory_mb: memoryOf(pid, 'Rss') }
}

/** @returns what the app has used: the process and its descendants that run the same program. Workers run others. */
export function takenBy(root: number): Taken {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const stats = new Map(pids.flatMap((pid) => [[pid, statOf(pid)] as const]))
  const program = programOf(root)
  const isBelow = (pid: number): boolean => {
    if (pid === root) return true
    const parent = stats.get(pid)?.parent ?? 0
    return parent > 1 && isBelow(parent)
  }
  const own = pids.filter((pid) => isBelow(pid) && programOf(pid).split(' ', 1)[0] === program)
  return {
    processes: own.length,
    cpu_seconds: own.reduce((sum, pid) => sum + (stats.get(pid)?.ticks ?? 0), 0) / TICKS_A_SECOND,
    memory_mb: own.reduce((sum, pid) => sum + memoryOf(pid, 'Pss'), 0),
  }
}
