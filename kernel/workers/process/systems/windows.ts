import { constants } from 'node:os'
import type { MemoryUse, ProcessEntry, ProcessIdentity, ProcessSignal, ProcessSystem } from './system.ts'
import {
  creationTime,
  type Handle,
  JOB_OBJECT_QUERY,
  jobName,
  PROCESS_QUERY_LIMITED_INFORMATION,
  PROCESS_TERMINATE,
  SYNCHRONIZE,
  windowsCalls,
  withProcess,
} from './windows-calls.ts'

const LOOK = PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE

function startTime(pid: number): bigint | null {
  return withProcess(pid, LOOK, creationTime)
}

/** PROCESSENTRY32W. */
const ENTRY = { size: 568, pid: 8, ppid: 32, name: 44 } as const
const TH32CS_SNAPPROCESS = 0x2

/** All pids with those of their parents. */
function snapshot(): { pid: number; ppid: number }[] {
  const { CloseHandle, CreateToolhelp32Snapshot, Process32FirstW, Process32NextW } = windowsCalls()
  const handle = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0)
  if (Number(handle) === -1) throw new Error('Windows did not list its processes.')
  try {
    const found: { pid: number; ppid: number }[] = []
    const entry = Buffer.alloc(ENTRY.size)
    entry.writeUInt32LE(ENTRY.size, 0)
    for (let more = Process32FirstW(handle, entry); more !== 0; more = Process32NextW(handle, entry)) {
      // The window of a console, which Windows starts for a program and ends with the last one that uses it.
      if (entry.toString('utf16le', ENTRY.name).startsWith('conhost.exe\0')) continue
      found.push({ pid: entry.readUInt32LE(ENTRY.pid), ppid: entry.readUInt32LE(ENTRY.ppid) })
    }
    return found
  } finally {
    CloseHandle(handle)
  }
}

/** JOBOBJECT_BASIC_PROCESS_ID_LIST: two counts, then the pids as 64-bit numbers. */
const JOB_PIDS = { kind: 3, count: 4, first: 8, most: 4096 } as const

/** The processes in the job of a keeper; null for a process that is not one. */
function readJob({ pid, started_key }: ProcessEntry): number[] | null {
  const { CloseHandle, OpenJobObjectW, QueryInformationJobObject } = windowsCalls()
  const job = OpenJobObjectW(JOB_OBJECT_QUERY, 0, jobName(pid, started_key))
  if (Number(job) === 0) return null
  try {
    const list = Buffer.alloc(JOB_PIDS.first + 8 * JOB_PIDS.most)
    QueryInformationJobObject(job, JOB_PIDS.kind, list, list.length, null)
    const count = list.readUInt32LE(JOB_PIDS.count)
    return Array.from({ length: count }, (_, n) => Number(list.readBigUInt64LE(JOB_PIDS.first + 8 * n)))
  } finally {
    CloseHandle(job)
  }
}

/**
 * Says of each keeper that it is one, and gives the processes in its job its pid as their group. The job of a run
 * that another run has started lies within the job of that one, so the smaller job counts.
 */
function markJobs(entries: readonly ProcessEntry[]): void {
  const byPid = new Map(entries.map((entry) => [entry.pid, entry]))
  const jobs = entries.flatMap((keeper) => {
    const pids = readJob(keeper)
    return pids === null ? [] : [{ keeper, pids }]
  })
  for (const { keeper, pids } of jobs.sort((a, b) => b.pids.length - a.pids.length)) {
    for (const pid of pids) {
      const member = byPid.get(pid)
      if (member !== undefined) member.group = keeper.pid
    }
  }
  for (const { keeper } of jobs) Object.assign(keeper, { group: keeper.pid, is_keeper: true })
}

async function readTable(): Promise<ProcessEntry[]> {
  const entries = snapshot().flatMap(({ pid, ppid }): ProcessEntry[] => {
    const started = startTime(pid)
    if (started === null) return []
    const started_order = Number(started)
    return [
      { pid, ppid, started_key: String(started), started_order, group: 0, rss_bytes: null, command: null },
    ]
  })
  markJobs(entries)
  return entries
}

/** A UNICODE_STRING, with its text behind it: the length in bytes, and where the text begins. */
const COMMAND_LINE = { kind: 60, length: 0, text: 16 } as const
/** In bytes: the longest command line, and room for the structure. */
const LONGEST_LINE = 2 * 32_768 + COMMAND_LINE.text
const LONGEST_PATH = 32_768

function commandLineOf(pid: number): string {
  const { NtQueryInformationProcess, QueryFullProcessImageNameW } = windowsCalls()
  const read = (process: Handle): string => {
    const line = Buffer.alloc(LONGEST_LINE)
    if (NtQueryInformationProcess(process, COMMAND_LINE.kind, line, line.length, null) === 0) {
      const end = COMMAND_LINE.text + line.readUInt16LE(COMMAND_LINE.length)
      return line.toString('utf16le', COMMAND_LINE.text, end)
    }
    const path = Buffer.alloc(2 * LONGEST_PATH)
    const size = Buffer.alloc(4)
    size.writeUInt32LE(LONGEST_PATH)
    if (QueryFullProcessImageNameW(process, 0, path, size) === 0) return ''
    return path.toString('utf16le', 0, 2 * size.readUInt32LE())
  }
  return withProcess(pid, PROCESS_QUERY_LIMITED_INFORMATION, read) ?? ''
}

/** PROCESS_MEMORY_COUNTERS. */
const COUNTERS = { size: 72, peak: 8, now: 16 } as const

function memoryOf(pid: number): MemoryUse {
  const counters = Buffer.alloc(COUNTERS.size)
  withProcess(pid, PROCESS_QUERY_LIMITED_INFORMATION, (process) =>
    windowsCalls().K32GetProcessMemoryInfo(process, counters, COUNTERS.size),
  )
  return {
    rss_bytes: Number(counters.readBigUInt64LE(COUNTERS.now)),
    peak_rss_bytes: Number(counters.readBigUInt64LE(COUNTERS.peak)),
  }
}

function systemError(code: string, pid: number): Error {
  return Object.assign(new Error(`${code}: process ${pid}`), { code })
}

/**
 * Windows has no signals: the process is ended at once, with the status by which a POSIX shell names the signal, so
 * that the exit file says how it ended.
 */
function signal({ pid, started_key }: ProcessIdentity, name: ProcessSignal): void {
  if (name === 'SIGCONT') return
  const ended = withProcess(pid, LOOK | PROCESS_TERMINATE, (process) => {
    const started = creationTime(process)
    if (started === null || String(started) !== started_key) return false
    return windowsCalls().TerminateProcess(process, 128 + constants.signals[name]) !== 0
  })
  if (ended === true) return
  throw systemError(ended === null && startTime(pid) !== null ? 'EPERM' : 'ESRCH', pid)
}

/** HKEY_LOCAL_MACHINE, as the signed number that it is in a 64-bit HKEY. */
const LOCAL_MACHINE = -0x7ffffffe
const RRF_RT_REG_SZ = 0x2

function machineId(): string {
  const text = Buffer.alloc(512)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(text.length)
  const path = 'SOFTWARE\\Microsoft\\Cryptography'
  const { RegGetValueW } = windowsCalls()
  if (RegGetValueW(LOCAL_MACHINE, path, 'MachineGuid', RRF_RT_REG_SZ, null, text, size) !== 0) return ''
  return text.toString('utf16le', 0, size.readUInt32LE()).replace(/\0.*$/, '')
}

export const windows: ProcessSystem = {
  isQuick: true,
  startKeyOf: (pid) => {
    const started = startTime(pid)
    return started === null ? null : String(started)
  },
  isStopped: () => false,
  readTable,
  commandLineOf,
  memoryOf,
  signal,
  machineId,
}
