import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { livingOf, type ProcessEntry, readProcessTable } from './process-table.ts'
import { resumeStopped } from './identity.ts'
import { thisSystem } from './systems/index.ts'
import { describe, findTree, type TreeProcess, type WorkerTarget, type WorkerTree } from './tree.ts'

export interface StopOptions {
  /** How long the tree may take after SIGTERM before SIGKILL, in milliseconds. */
  grace_ms?: number
  /**
   * How long the worker may take to stop its own processes in order, in milliseconds. After that they get SIGTERM too.
   */
  alone_ms?: number
  /** Aborting ends the grace period: the remaining processes get SIGKILL at once. */
  signal?: AbortSignal
}

export interface StopResult {
  /** True when no process of the tree is left. False also for a worker without a start key: it is never signalled. */
  stopped: boolean
  /** Whether SIGKILL was needed. */
  killed: boolean
  survivors: TreeProcess[]
}

const LOOK_MS = 15
/**
 * Maximum polls after SIGKILL (three seconds), and for a keeper whose worker has ended (two seconds). Counted in
 * polls, not time: on a busy machine those processes are scheduled as late as we are.
 */
const KILL_LOOKS = 200
const KEEPER_LOOKS = 130
const RESUME_EVERY = 10

/**
 * Stops a worker and all its descendants: SIGTERM to each, SIGKILL after the grace period to those left, then polls
 * until none is left. The keeper is left alone until it has written the exit file. Pid and start key are compared
 * again before each signal. Calls for several workers run in parallel. The caller must know that the pid belongs to
 * this host (isThisHost).
 */
export async function stopTree(target: WorkerTarget, options: StopOptions = {}): Promise<StopResult> {
  if (target.started_key === null) return { stopped: false, killed: false, survivors: [] }
  const { grace_ms = 5_000, alone_ms = 0, signal } = options
  let tree = findTree(await readProcessTable(), target)
  if (alone_ms > 0 && !signal?.aborted) tree = await terminateAlone(tree, target, alone_ms, signal)
  if (grace_ms > 0 && !signal?.aborted) tree = await terminate(tree, target, grace_ms, signal)
  const killed = (await livingOf(tree.members)).length > 0
  if (killed) tree = await kill(tree, target)
  if (tree.keeper) await endKeeper(tree.keeper)
  const survivors = await livingOf(tree.members)
  return { stopped: survivors.length === 0, killed, survivors: survivors.map(describe) }
}

/**
 * A process that an earlier look attributed to the run stays attributed: orphans are found that way when their
 * parents have gone.
 */
async function lookAgain(target: WorkerTarget, before: WorkerTree): Promise<WorkerTree> {
  const tree = findTree(await readProcessTable(), target, before)
  return { ...tree, keeper: tree.keeper ?? before.keeper }
}

/** Sends SIGTERM only to the worker, then waits until it is gone or its time is over. Returns the processes that are left. */
async function terminateAlone(
  tree: WorkerTree,
  target: WorkerTarget,
  aloneMs: number,
  signal: AbortSignal | undefined,
): Promise<WorkerTree> {
  const deadline = performance.now() + aloneMs
  const worker = tree.members.filter(({ pid }) => pid === target.pid)
  await signalAll(worker, 'SIGTERM')
  while (performance.now() < deadline && !signal?.aborted && (await livingOf(worker)).length > 0)
    await delay(LOOK_MS)
  return lookAgain(target, tree)
}

/** Sends SIGTERM to all, then waits until all are gone or the grace period is over. Returns those left. */
async function terminate(
  first: WorkerTree,
  target: WorkerTarget,
  graceMs: number,
  signal: AbortSignal | undefined,
): Promise<WorkerTree> {
  const deadline = performance.now() + graceMs
  let tree = first
  await signalAll(tree.members, 'SIGTERM')
  while (performance.now() < deadline && !signal?.aborted) {
    if ((await livingOf(tree.members)).length > 0) {
      await delay(LOOK_MS)
      continue
    }
    // All known processes are gone. Processes forked meanwhile have not received the signal yet. (While their parents
    // clean up they are not signalled: they may be part of the cleanup.)
    tree = await lookAgain(target, tree)
    if (tree.members.length === 0) return tree
    await signalAll(tree.members, 'SIGTERM')
  }
  return lookAgain(target, tree)
}

/** Sends SIGKILL to all, repeatedly, until a look finds none: a process may fork between the look and its end. */
async function kill(first: WorkerTree, target: WorkerTarget): Promise<WorkerTree> {
  let tree = first
  for (let look = 0; tree.members.length > 0 && look < KILL_LOOKS; look++) {
    await signalAll(tree.members, 'SIGKILL')
    await delay(LOOK_MS)
    tree = await lookAgain(target, tree)
  }
  return tree
}

/**
 * The keeper ends by itself after its worker. A stopped one is resumed; one that does not end (its disk hangs) is
 * killed.
 */
async function endKeeper(keeper: ProcessEntry): Promise<void> {
  for (let look = 0; look < KEEPER_LOOKS; look++) {
    if ((await livingOf([keeper])).length === 0) return
    if (look % RESUME_EVERY === 0) resumeStopped(keeper)
    await delay(LOOK_MS)
  }
  await signalAll([keeper], 'SIGKILL')
}

async function signalAll(entries: readonly ProcessEntry[], name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  for (const entry of await livingOf(entries)) {
    try {
      thisSystem.signal(entry, name)
    } catch (error) {
      // ESRCH: it ended just now. EPERM: it belongs to another user (sudo), and is reported as a survivor.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ESRCH' && code !== 'EPERM') throw error
    }
  }
}
