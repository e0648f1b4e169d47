import { type Library, loadLibrary } from './native.ts'
import { type MemoryUse, type ProcessEntry, type ProcessSystem, sendSignal } from './system.ts'

/**
 * Written from Apple's headers (libproc.h, sys/proc_info.h, sys/sysctl.h) and never run: we have no Mac.
 */
function declareCalls(system: Library) {
  return {
    proc_pidinfo: system('int proc_pidinfo(int pid, int flavor, uint64 arg, void *buffer, int size)'),
    proc_listallpids: system('int proc_listallpids(void *buffer, int size)'),
    sysctl: system(
      'int sysctl(void *name, uint32 length, void *old, void *old_size, void *value, size_t value_size)',
    ),
    gethostuuid: system('int gethostuuid(void *id, void *wait)'),
  }
}

let calls: ReturnType<typeof declareCalls> | undefined

function darwinCalls(): ReturnType<typeof declareCalls> {
  calls ??= declareCalls(loadLibrary('/usr/lib/libSystem.B.dylib'))
  return calls
}

/** struct proc_bsdinfo. */
const BSD_INFO = {
  flavor: 3,
  size: 136,
  status: 4,
  ppid: 16,
  pgid: 100,
  seconds: 120,
  microseconds: 128,
} as const
/** Values of its status. */
const SSTOP = 4
const SZOMB = 5

interface BsdInfo {
  status: number
  ppid: number
  pgid: number
  /** Microseconds since the epoch. */
  started: bigint
}

/** @returns null when there is no such process, only a zombie, or one of another user */
function readInfo(pid: number): BsdInfo | null {
  const info = Buffer.alloc(BSD_INFO.size)
  if (darwinCalls().proc_pidinfo(pid, BSD_INFO.flavor, 0, info, info.length) !== info.length) return null
  const status = info.readUInt32LE(BSD_INFO.status)
  if (status === SZOMB) return null
  const started =
    info.readBigUInt64LE(BSD_INFO.seconds) * 1_000_000n + info.readBigUInt64LE(BSD_INFO.microseconds)
  return {
    status,
    started,
    ppid: info.readUInt32LE(BSD_INFO.ppid),
    pgid: info.readUInt32LE(BSD_INFO.pgid),
  }
}

/** In bytes. */
const PID = 4
/** Processes that may start between the count and the list. */
const MARGIN = 64

function listPids(): number[] {
  const { proc_listallpids } = darwinCalls()
  const pids = Buffer.alloc(PID * (proc_listallpids(null, 0) + MARGIN))
  const count = proc_listallpids(pids, pids.length)
  return Array.from({ length: Math.max(0, count) }, (_, n) => pids.readInt32LE(PID * n))
}

async function readTable(): Promise<ProcessEntry[]> {
  return listPids().flatMap((pid): ProcessEntry[] => {
    const info = readInfo(pid)
    if (info === null) return []
    const { started, ppid, pgid } = info
    const started_order = Number(started)
    return [
      { pid, ppid, started_key: String(started), started_order, group: pgid, rss_bytes: null, command: null },
    ]
  })
}

/** CTL_KERN, KERN_PROCARGS2. */
const ARGUMENTS = [1, 49] as const
/** In bytes: what macOS allows for arguments and environment. */
const LONGEST = 1024 * 1024

/** The answer is the number of arguments, the program's path, NULs, and the arguments, each with a NUL. */
function commandLineOf(pid: number): string {
  const name = Buffer.alloc(12)
  for (const [at, number] of [...ARGUMENTS, pid].entries()) name.writeInt32LE(number, 4 * at)
  const answer = Buffer.alloc(LONGEST)
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(answer.length))
  if (darwinCalls().sysctl(name, 3, answer, size, null, 0) !== 0) return ''
  const text = answer.toString('utf8', 4, Number(size.readBigUInt64LE()))
  const behindPath = /^[^\0]*\0+/.exec(text)?.[0].length ?? 0
  return text.slice(behindPath).split('\0').slice(0, answer.readInt32LE()).join(' ')
}

/** struct proc_taskinfo. */
const TASK_INFO = { flavor: 4, size: 96, resident: 8 } as const

function memoryOf(pid: number): MemoryUse {
  const info = Buffer.alloc(TASK_INFO.size)
  darwinCalls().proc_pidinfo(pid, TASK_INFO.flavor, 0, info, info.length)
  return { rss_bytes: Number(info.readBigUInt64LE(TASK_INFO.resident)), peak_rss_bytes: null }
}

function machineId(): string {
  const id = Buffer.alloc(16)
  // struct timespec: how long to wait for the answer. None is needed on a Mac's own hardware.
  const wait = Buffer.alloc(16)
  if (darwinCalls().gethostuuid(id, wait) !== 0) return ''
  // As ioreg writes it, which earlier versions asked: runs of then are still of this host.
  return id
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export const darwin: ProcessSystem = {
  isQuick: true,
  startKeyOf: (pid) => {
    const info = readInfo(pid)
    return info === null ? null : String(info.started)
  },
  isStopped: (pid) => readInfo(pid)?.status === SSTOP,
  readTable,
  commandLineOf,
  memoryOf,
  signal: sendSignal,
  machineId,
}
