/**
 * A process is identified by its pid and its start key, never by the pid alone: pids are reused, and a signal to a
 * reused pid hits an innocent process. A null key means "unknown": such a process is never signalled.
 */
export interface ProcessIdentity {
  pid: number
  started_key: string | null
}

/** One living process (zombies are left out). */
export interface ProcessEntry {
  pid: number
  started_key: string
  ppid: number
  /**
   * What a keeper and the processes of its run have in common, by the keeper's pid: the session on Linux, the process
   * group on macOS and where `ps` is asked, the job on Windows. 0 for none.
   */
  group: number
  /** Start time in platform units; only for telling which of two processes is older. */
  started_order: number
  /** Resident memory, if the table has it; else null (see memoryOf). */
  rss_bytes: number | null
  /** The command line, if the table has it; else null (see commandOf). */
  command: string | null
  /** Set where the system knows a keeper by something other than its command line. */
  is_keeper?: true
}

export interface MemoryUse {
  rss_bytes: number
  /** null if the system does not record it. */
  peak_rss_bytes: number | null
}

export type ProcessSignal = 'SIGTERM' | 'SIGKILL' | 'SIGCONT'

/** What we ask an operating system about processes. Each file beside this one answers for one system. */
export interface ProcessSystem {
  /** Whether a look at one process is a system call. Else it runs a program, which takes milliseconds. */
  readonly isQuick: boolean
  /** The start key of a living process; null when there is none, or when it cannot be read. */
  startKeyOf(pid: number): string | null
  /** Whether the process is stopped (SIGSTOP), and so does nothing. */
  isStopped(pid: number): boolean
  /** All processes that this user can see. */
  readTable(): Promise<ProcessEntry[]>
  /** The command line of a process whose entry has none; '' when it cannot be read. */
  commandLineOf(pid: number): string
  /** The memory of a process whose entry has none. */
  memoryOf(pid: number): MemoryUse
  /**
   * Signals a process that was just seen.
   *
   * @throws an error with the code ESRCH when it is gone, EPERM when it belongs to another user
   */
  signal(process: ProcessIdentity, name: ProcessSignal): void
  /** An id of the machine that survives reboots and renames; '' if none can be read. */
  machineId(): string
}

/** How systems with signals send one. */
export function sendSignal({ pid }: ProcessIdentity, name: ProcessSignal): void {
  process.kill(pid, name)
}
