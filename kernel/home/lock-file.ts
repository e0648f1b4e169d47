import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { OperationError } from '../../contract/index.ts'
import { isMissing, removeFile } from './files.ts'

const WAIT_LIMIT_MS = 5_000
const PAUSE_MS = 20
/** Whoever holds the lock reads, changes and renames one small file: longer than this, it has died. */
const STALE_AFTER_MS = 10_000

/** The process that holds a lock file has died, or has kept it for far longer than its work takes. */
function isStale(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    if (Date.now() - statSync(path).mtimeMs > STALE_AFTER_MS) return true
    if (!Number.isSafeInteger(pid) || pid < 1) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return isMissing(error) || (error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

function tryTake(path: string): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600)
    writeSync(fd, String(process.pid))
    closeSync(fd)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/**
 * Runs `body` while this process holds the lock file, so that of two processes that change a file, each sees the
 * other's change.
 *
 * @throws OperationError BUSY after five seconds
 */
export async function withLockFile<T>(path: string, body: () => T): Promise<T> {
  const deadline = Date.now() + WAIT_LIMIT_MS
  while (!tryTake(path)) {
    if (isStale(path)) removeFile(path)
    else if (Date.now() > deadline)
      throw new OperationError('BUSY', `Another process keeps ${path} locked; try again.`)
    else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  try {
    return body()
  } finally {
    removeFile(path)
  }
}
