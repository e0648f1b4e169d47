import { findTraced, findUnexplained, type Traces } from './hidden.ts'
import type { ProcessIdentity } from './identity.ts'
import {
  commandOf,
  hasEnvironment,
  isKeeper,
  memoryOf,
  type ProcessEntry,
  type ProcessTable,
  readNewProcesses,
  readProcessTable,
} from './process-table.ts'

/** The environment entries of a worker and all processes that it starts (contract: RUNBOARD_RUN, RUNBOARD_CLAIM). */
export interface RunMarkers {
  run: string
  /** The claim's secret: run ids alone repeat from board to board. */
  claim: string
}

/** The value of RUNBOARD_CHECK in a check and all processes that it starts. */
export interface CheckMarker {
  check: string
}

/** The worker whose tree is wanted. The more fields are known, the more of its stray descendants are found. */
export interface WorkerTarget extends ProcessIdentity {
  keeper_pid?: number | null
  /** Identifies the keeper for certain, even when its worker has gone. */
  keeper_started_key?: string | null
  markers?: RunMarkers | CheckMarker | null
  /** Lead to daemons that hide from the markers. */
  traces?: Traces | null
}

export interface WorkerTree {
  /** The worker (first, if it lives) and every living descendant, without the keeper and this process. */
  members: ProcessEntry[]
  keeper: ProcessEntry | null
  /** Sessions (or process groups) that certainly belong to the run. */
  groups: ReadonlySet<number>
}

const EMPTY_TREE: WorkerTree = { members: [], keeper: null, groups: new Set() }

/**
 * Finds the living tree of a worker: its descendants, processes in the session of its keeper, and on Linux processes
 * with its run's environment or another trace of it (a daemon that created its own session). Keepers of other runs,
 * which the worker may have started through `runboard dispatch`, and their descendants belong to those runs.
 *
 * A worker without a start key has no tree. `known` are processes and groups that an earlier look attributed to the
 * run; they lead to orphans after the worker itself has gone.
 */
export function findTree(
  table: ProcessTable,
  target: WorkerTarget,
  known: WorkerTree = EMPTY_TREE,
): WorkerTree {
  if (target.started_key === null) return EMPTY_TREE
  const worker = livingIn(table, target)
  const marked = findMarked(table, target)
  const keeper = findKeeper(table, target, worker, marked)
  const groups = new Set(known.groups)
  if (keeper) groups.add(keeper.pid)
  // Only the keeper was killed: its session continues without a leader, and no new process can get that pid
  // meanwhile.
  if (worker && isLeaderless(table, worker.group)) groups.add(worker.group)

  const traced = target.traces ? findTraced(notOlder(table, target), target.traces) : []
  const orphans = worker === null ? findOrphans(table, target) : []
  const followed = known.members.map((member) => livingIn(table, member))
  const roots = [worker, ...followed, ...marked, ...traced, ...orphans]
  for (const entry of table.values()) if (groups.has(entry.group)) roots.push(entry)
  // A process that the keeper starts beside its worker records the worker's end. A signal to it would lose that
  // record.
  const isKeepers = (entry: ProcessEntry) => entry.ppid === keeper?.pid && entry.pid !== target.pid
  const members = descend(
    table,
    roots.filter((entry) => entry !== null).filter((entry) => !isKeepers(entry)),
    keeper,
  )
  return { members, keeper, groups }
}

function livingIn(table: ProcessTable, { pid, started_key }: ProcessIdentity): ProcessEntry | null {
  const entry = table.get(pid)
  return entry && entry.started_key === started_key ? entry : null
}

/** Windows records the parent of a process also when that has ended: the children of a worker that has ended. */
function findOrphans(table: ProcessTable, { pid, started_key }: WorkerTarget): ProcessEntry[] {
  if (process.platform !== 'win32') return []
  const [notBefore, reused] = [Number(started_key), table.get(pid)]
  return [...table.values()].filter(
    ({ ppid, started_order: started }) =>
      ppid === pid && started >= notBefore && (reused === undefined || started < reused.started_order),
  )
}

function isLeaderless(table: ProcessTable, group: number): boolean {
  return group > 1 && !table.has(group) && table.get(process.pid)?.group !== group
}

/** Processes with the run's markers. Only those that are not older than the worker are examined, usually few. */
function findMarked(table: ProcessTable, target: WorkerTarget): ProcessEntry[] {
  const { markers } = target
  if (!markers || process.platform !== 'linux') return []
  const wanted =
    'check' in markers
      ? [`RUNBOARD_CHECK=${markers.check}`]
      : [`RUNBOARD_RUN=${markers.run}`, `RUNBOARD_CLAIM=${markers.claim}`]
  return notOlder(table, target, KEEPER_AGE_TICKS).filter((entry) => hasEnvironment(entry.pid, wanted))
}

/** Linux: processes that are not older than the worker, or by at most this many ticks. */
function notOlder(table: ProcessTable, { started_key }: WorkerTarget, ticks = 0): ProcessEntry[] {
  const notBefore = Number(started_key?.split(':')[1]) - ticks
  return [...table.values()].filter((entry) => entry.started_order >= notBefore)
}

/** The keeper is slightly older than the worker: ten seconds in ticks of 10 ms, the longest that a start may take. */
const KEEPER_AGE_TICKS = 1_000

function findKeeper(
  table: ProcessTable,
  target: WorkerTarget,
  worker: ProcessEntry | null,
  marked: readonly ProcessEntry[],
): ProcessEntry | null {
  const parent = worker && table.get(worker.ppid)
  if (parent && isKeeper(parent)) return parent
  const byMarkers = marked.find(isKeeper)
  if (byMarkers) return byMarkers
  const recorded = target.keeper_pid ? table.get(target.keeper_pid) : undefined
  if (!recorded || !isKeeper(recorded)) return null
  if (target.keeper_started_key) return recorded.started_key === target.keeper_started_key ? recorded : null
  // The worker is gone, and there is neither a key nor a marker: trust the recorded pid, if it is a keeper.
  return worker || target.markers ? null : recorded
}

/** The roots and all their descendants, each once, parents before children. */
function descend(
  table: ProcessTable,
  roots: readonly ProcessEntry[],
  keeper: ProcessEntry | null,
): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>()
  for (const entry of table.values()) {
    const siblings = children.get(entry.ppid)
    if (siblings) siblings.push(entry)
    else children.set(entry.ppid, [entry])
  }
  const found = new Set<ProcessEntry>()
  const open = [...roots]
  for (let entry = open.shift(); entry; entry = open.shift()) {
    if (found.has(entry) || entry.pid === keeper?.pid || isKeeper(entry)) continue
    found.add(entry)
    // A recorded parent id can outlive the parent (Windows); a child is never older than its parent.
    for (const child of children.get(entry.pid) ?? []) {
      if (child.started_order >= entry.started_order) open.push(child)
    }
  }
  return [...found].filter((entry) => entry.pid !== process.pid)
}

/** @returns whether this process is the worker, or was started by it */
export async function isWithin(target: WorkerTarget): Promise<boolean> {
  if (target.pid === process.pid) return true
  const { members } = findTree(await readProcessTable(), target)
  return members.some(({ pid }) => pid === process.ppid)
}

export interface TreeProcess {
  pid: number
  started_key: string
  command: string
}

/** The living tree of a worker, the worker first, without its keeper. */
export async function processTree(target: WorkerTarget): Promise<TreeProcess[]> {
  const { members } = findTree(await readProcessTable(), target)
  return members.map(describe)
}

/** Processes that still run after a worker has ended. */
export interface Leftovers {
  /** Those that belong to the run. */
  left: TreeProcess[]
  /** Daemons that may belong to the run or to something else. */
  unexplained: TreeProcess[]
}

/**
 * Processes of a run that outlived its worker: on Linux by environment and other traces, on Windows those whose parent
 * was the worker; elsewhere none.
 *
 * @param before the pids that existed before the worker, if known: they need not be examined
 * @param group the control group that the worker was started in, if known
 */
export async function findLeftovers(
  worker: WorkerTarget,
  before: ReadonlySet<number> | null = null,
  group: string | null = null,
): Promise<Leftovers> {
  if (process.platform !== 'linux' && process.platform !== 'win32') return { left: [], unexplained: [] }
  const table = await readNewProcesses(before)
  const { members } = findTree(table, worker)
  const known = new Set(members)
  const others = notOlder(table, worker).filter((entry) => !known.has(entry))
  return {
    left: members.filter(({ pid }) => pid !== worker.pid).map(describe),
    unexplained: findUnexplained(others, group).map(describe),
  }
}

export function describe(entry: ProcessEntry): TreeProcess {
  return { pid: entry.pid, started_key: entry.started_key, command: commandOf(entry) }
}

/** The memory that a worker's tree uses, and its processes. */
export interface TreeMemory extends Pick<ProcessStats, 'rss_bytes' | 'peak_rss_bytes' | 'processes'> {
  /** Its processes and its keeper. */
  pids: number[]
}

export interface ProcessStats {
  /** Resident memory of the whole tree, in bytes. Shared pages count once for each process. */
  rss_bytes: number
  /** Sum of the peaks of all living processes, in bytes: an upper bound for the tree. null where unknown. */
  peak_rss_bytes: number | null
  processes: number
  /** The worker's command line; null when it is gone. */
  command: string | null
}

/**
 * Memory of a worker's tree. Processes that left both their parent and their group are not counted: finding them
 * would mean reading the environment of every younger process, and this runs every few seconds for each worker.
 */
export function treeMemory(
  table: ProcessTable,
  { markers: _, traces: __, ...target }: WorkerTarget,
): TreeMemory {
  const { members, keeper } = findTree(table, target)
  const memory = members.map(memoryOf)
  return {
    rss_bytes: memory.reduce((sum, { rss_bytes }) => sum + rss_bytes, 0),
    peak_rss_bytes: memory.reduce<number | null>(
      (sum, { peak_rss_bytes: peak }) => (sum === null || peak === null ? null : sum + peak),
      0,
    ),
    processes: members.length,
    pids: [...members, ...(keeper === null ? [] : [keeper])].map(({ pid }) => pid),
  }
}

/** Memory and command of a worker's tree. For a list of workers, read the process table once and pass it. */
export async function processStats(target: WorkerTarget, table?: ProcessTable): Promise<ProcessStats> {
  const snapshot = table ?? (await readProcessTable())
  const { pids: _, ...memory } = treeMemory(snapshot, target)
  const worker = livingIn(snapshot, target)
  return { ...memory, command: worker === null ? null : commandOf(worker) }
}
