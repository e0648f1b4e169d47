import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { livingOf, type ProcessEntry, readProcessTable } from './process-table.ts'
import { resumeStopped } from './identity.ts'
import { describe, findTree, type TreeProcess, type WorkerTarget, type WorkerTree } from './tree.ts'

export interface StopOptions {
  /** How long the tree may take after SIGTERM before SIGKILL, in milliseconds. */
  grace_ms?: number
  /** Aborting ends the grace: what is left gets SIGKILL at once. */
  signal?: AbortSignal
}

export interface StopResult {
  /** True when nothing of the tree is left. False also for a worker without a start key: it is never signalled. */
  stopped: boolean
  /** Whether SIGKILL was needed. */
  killed: boolean
  survivors: TreeProcess[]
}

const LOOK_MS = 15
/**
 * How often is looked for the end of what was killed, and of a keeper whose worker has ended: three and two seconds. Looks,
 * and not time: where the machine is busy, they come to their turn as late as we do.
 */
const KILL_LOOKS = 200
const KEEPER_LOOKS = 130
const RESUME_EVERY = 10

/**
 * Stops a worker and all that descends from it: SIGTERM to each, SIGKILL after the grace to what is left, then looks
 * until nothing is. The keeper is left alone until it has written the exit file. Each signal goes out only after pid
 * and start key were seen to match once more. Calls for several workers run side by side. That the pid belongs to
 * this host is for the caller to know (isThisHost).
 */
export async function stopTree(target: WorkerTarget, options: StopOptions = {}): Promise<StopResult> {
  if (target.started_key === null) return { stopped: false, killed: false, survivors: [] }
  const { grace_ms = 5_000, signal } = options
  let tree = findTree(await readProcessTable(), target)
  if (grace_ms > 0 && !signal?.aborted) tree = await terminate(tree, target, grace_ms, signal)
  const killed = (await livingOf(tree.members)).length > 0
  if (killed) tree = await kill(tree, target)
  if (tree.keeper) await endKeeper(tree.keeper)
  const survivors = await livingOf(tree.members)
  return { stopped: survivors.length === 0, killed, survivors: survivors.map(describe) }
}

/** What an earlier look proved to be the run's stays so: orphans are found by it when their parents have gone. */
async function lookAgain(target: WorkerTarget, before: WorkerTree): Promise<WorkerTree> {
  const tree = findTree(await readProcessTable(), target, before)
  return { ...tree, keeper: tree.keeper ?? before.keeper }
}

/** SIGTERM to all, then wait until all are gone, or for as long as the grace lasts. Returns what is left. */
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
    // All that was seen is gone. What was forked in the meantime has not heard of it yet. (While its parents clean
    // up, it is left in peace: it may be part of the cleaning.)
    tree = await lookAgain(target, tree)
    if (tree.members.length === 0) return tree
    await signalAll(tree.members, 'SIGTERM')
  }
  return lookAgain(target, tree)
}

/** SIGKILL to all, again and again until a look finds none: a process may fork between the look and its end. */
async function kill(first: WorkerTree, target: WorkerTarget): Promise<WorkerTree> {
  let tree = first
  for (let look = 0; tree.members.length > 0 && look < KILL_LOOKS; look++) {
    await signalAll(tree.members, 'SIGKILL')
    await delay(LOOK_MS)
    tree = await lookAgain(target, tree)
  }
  return tree
}

/** The keeper follows its worker by itself. One that was stopped is resumed; one that does not end (its disk hangs) is killed. */
async function endKeeper(keeper: ProcessEntry): Promise<void> {
  for (let look = 0; look < KEEPER_LOOKS; look++) {
    if ((await livingOf([keeper])).length === 0) return
    if (look % RESUME_EVERY === 0) resumeStopped(keeper)
    await delay(LOOK_MS)
  }
  await signalAll([keeper], 'SIGKILL')
}

async function signalAll(entries: readonly ProcessEntry[], name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  for (const { pid } of await livingOf(entries)) {
    try {
      process.kill(pid, name)
    } catch (error) {
      // ESRCH: it ended in this moment. EPERM: it belongs to another user (sudo), and is reported as a survivor.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ESRCH' && code !== 'EPERM') throw error
    }
  }
}
