import { readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import { parseProcStat } from './systems/linux.ts'
import { isKeeper, type ProcessEntry } from './process-table.ts'

/** How to recognise a process of a run that has cleared its environment and left its session. Linux only. */
export interface Traces {
  /** The run's log: only its own processes have it as their output. */
  log_path: string | null
  /** The workspace that Runboard created for the task; null for a folder in which a person works too. */
  workspace: string | null
}

/** The output descriptors that are examined. */
const OUTPUTS = [1, 2]

/** Variables that a login, a desktop, a terminal or cron sets for everything started there. */
const OF_A_SESSION = [
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XDG_RUNTIME_DIR',
  'SSH_CONNECTION',
]

/** Set in every worker's environment, and in nothing that a person starts. */
const OF_A_WORKER = 'RUNBOARD_ATTEMPT'
/** A process with one of these is known to belong to a run or a check. */
const MARKERS = ['RUNBOARD_CLAIM', 'RUNBOARD_CHECK']

/**
 * Finds processes that certainly belong to the run: those that write to its log, and daemons in its own workspace
 * whose environment is not that of a person's session. An editor that a person has opened there is left alone.
 *
 * @param entries those that are not older than the worker
 */
export function findTraced(entries: readonly ProcessEntry[], traces: Traces): ProcessEntry[] {
  if (process.platform !== 'linux') return []
  const log = traces.log_path === null ? null : realPath(traces.log_path)
  const workspace = traces.workspace === null ? null : realPath(traces.workspace)
  const reapers = reapersHere()
  const isOurs = (entry: ProcessEntry): boolean =>
    (log !== null && writesTo(entry.pid, log)) ||
    (workspace !== null &&
      isBelow(linkOf(entry.pid, 'cwd'), workspace) &&
      isDaemon(entry, reapers) &&
      !isOfAPerson(entry.pid))
  return entries.filter((entry) => entry.pid !== process.pid && isOurs(entry) && !isKeeper(entry))
}

/**
 * Finds daemons that a worker may have started but that nothing distinguishes from others: of the same user, in the
 * same control group, without a terminal, and not marked for any run.
 *
 * @param entries those that are not older than the worker, without those known to belong to it
 * @param group the control group that the worker was started in; null when unknown, then ours
 */
export function findUnexplained(entries: readonly ProcessEntry[], group: string | null): ProcessEntry[] {
  if (process.platform !== 'linux') return []
  const reapers = reapersHere()
  const wanted = group ?? controlGroupOf(process.pid)
  return entries.filter(
    (entry) =>
      isDaemon(entry, reapers) &&
      isSameUser(entry.pid) &&
      controlGroupOf(entry.pid) === wanted &&
      !hasVariable(entry.pid, MARKERS) &&
      !isKeeper(entry),
  )
}

/** @returns the control group of a process; null if it cannot be read */
export function controlGroupOf(pid: number): string | null {
  return process.platform === 'linux' ? textOf(pid, 'cgroup') : null
}

/** Without a terminal, in its own session, and adopted by the process that adopts orphans here. */
function isDaemon({ pid, ppid, group }: ProcessEntry, reapers: ReadonlySet<number>): boolean {
  if (!reapers.has(ppid)) return false
  const terminal = statOf(pid)?.terminal
  return terminal === 0 && statOf(ppid)?.sid !== group
}

/**
 * The processes that may adopt the orphans of our workers: init, or one of our ancestors (a `systemd --user`). Which
 * of them asked to (PR_SET_CHILD_SUBREAPER) cannot be read.
 */
function reapersHere(): ReadonlySet<number> {
  const found = new Set([1])
  for (let pid = process.ppid; pid > 1 && !found.has(pid); pid = statOf(pid)?.ppid ?? 1) found.add(pid)
  return found
}

function statOf(pid: number) {
  const text = textOf(pid, 'stat')
  return text === null ? null : parseProcStat(text)
}

/** A process whose environment we may not read is assumed to belong to a person. */
function isOfAPerson(pid: number): boolean {
  const environment = textOf(pid, 'environ')
  if (environment === null) return true
  return names(environment, OF_A_SESSION) && !names(environment, [OF_A_WORKER])
}

function hasVariable(pid: number, variables: readonly string[]): boolean {
  return names(textOf(pid, 'environ') ?? '', variables)
}

function names(environment: string, variables: readonly string[]): boolean {
  return variables.some((name) => `\0${environment}`.includes(`\0${name}=`))
}

function isSameUser(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === process.getuid?.()
  } catch {
    // It ended between the listing and the look, as in the functions below.
    return false
  }
}

function writesTo(pid: number, log: string): boolean {
  return OUTPUTS.some((output) => {
    const path = linkOf(pid, `fd/${output}`)
    return path === log || path === `${log}${DELETED}`
  })
}

const DELETED = ' (deleted)'

function isBelow(path: string | null, folder: string): boolean {
  if (path === null) return false
  const given = path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path
  return given === folder || given.startsWith(`${folder}${sep}`)
}

/** Read as text from `/proc`; the path itself is not opened, so a hung disk does not block us. */
function linkOf(pid: number, name: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/${name}`)
  } catch {
    return null
  }
}

function textOf(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return null
  }
}

/** The path with its links resolved; unchanged if it is gone. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
