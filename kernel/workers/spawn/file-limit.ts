// eslint-disable-next-line n/no-unsupported-features/node-builtins -- in 18.15 too, without a flag
import { readFileSync, statfsSync } from 'node:fs'

const GIB = 1024 ** 3
const LEAST_BYTES = GIB
/** The unit of `ulimit -f` in a POSIX shell. */
const BLOCK = 512
/** The share of the free space that one file may take. */
const SHARE = 1 / 4

/**
 * The largest file that a worker may write: a quarter of the free space on the disk of its log or its workspace,
 * whichever is larger, and at least 1 GiB.
 *
 * While a dispatcher lives, it keeps the log below its cap (cap-log.ts), far from this limit. The limit is for the
 * time without a dispatcher: then only the system can stop a log that grows without end, or one whose name was
 * removed, before the disk is full. It is a soft limit: a worker that needs a larger file may raise it with
 * `ulimit -f unlimited`.
 *
 * @param folders of the log and of the work
 * @returns the limit for `ulimit -f`; empty for none, if this process already has one, or if the free space is
 *   unknown
 */
export function fileLimit(folders: readonly string[]): string {
  if (hasLimit()) return ''
  const free = folders.map(freeBytes)
  if (free.some((bytes) => bytes === null)) return ''
  const most = Math.max(LEAST_BYTES, ...free.map((bytes) => (bytes ?? 0) * SHARE))
  return String(Math.floor(most / BLOCK))
}

function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return null
  }
}

let limited: boolean | null = null

/** A limit that the person has set is kept. */
function hasLimit(): boolean {
  limited ??= readLimit()
  return limited
}

function readLimit(): boolean {
  try {
    const soft = /^Max file size +(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return soft !== 'unlimited'
  } catch {
    // No /proc, as on macOS: the shell sets our limit, and under a lower hard limit changes nothing.
    return false
  }
}
