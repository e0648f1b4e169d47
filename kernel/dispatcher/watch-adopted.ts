import { basename, dirname } from 'node:path'
import { exitPathOf } from '../board/stop-process.ts'
import { FolderWatch } from '../home/folder-watch.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { watchProcess } from '../workers/process/identity.ts'
import type { ProcessIdentity } from '../workers/process/systems/system.ts'

/**
 * Interval of the looks at a worker that is not our child. Where the system reports that its keeper writes its exit
 * status, looks are seldom: they find a worker that ended with its keeper.
 */
const LOOK_MS = { polled: 100, reported: 1_000 }

/** Waits until a worker that another process started is gone. Resolves to true when it is gone, false when aborted. */
export async function watchAdopted(
  run: RunRow,
  worker: ProcessIdentity,
  signal: AbortSignal,
): Promise<boolean> {
  let wake = (): void => undefined
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const exit = exitPathOf(run)
  const names = exit === null ? [] : [[dirname(exit), [basename(exit)]] as const]
  const watch = new FolderWatch(new Map(names), () => wake())
  const leave = () => wake()
  signal.addEventListener('abort', leave, { once: true })
  try {
    const isReported = process.platform === 'linux' && exit !== null && watch.renew()
    const interval_ms = isReported ? LOOK_MS.reported : LOOK_MS.polled
    return await watchProcess(worker, { interval_ms, signal, clock: { sleep } })
  } finally {
    signal.removeEventListener('abort', leave)
    watch.stop()
  }
}
