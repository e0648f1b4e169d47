import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, linkSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { OperationError } from '../../contract/index.ts'
import { codeOf, fileError, isMissing, isProcess, removeFile, writeFully } from './files.ts'

const WAIT_LIMIT_MS = 5_000
const PAUSE_MS = 20
/** The holder reads, changes and renames one small file: if it takes longer than this, it has died. */
const STALE_AFTER_MS = 10_000

/** What tells a file from another of that path; an inode alone may be used again at once. */
function nameOf({ ino, mtimeNs }: { ino: bigint; mtimeNs: bigint }): string {
  return `${ino}:${mtimeNs}`
}

/** @returns which file holds the lock now, null where none does */
function fileAt(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? null : nameOf(stat)
}

/** @returns which file holds the lock, if its maker has died, or has kept it for far longer than its work takes */
function staleFile(path: string): string | null {
  try {
    const stat = statSync(path, { bigint: true })
    const pid = Number(readFileSync(path, 'utf8'))
    // From the future: the clock was set back since.
    const isOld = Math.abs(Date.now() - Number(stat.mtimeMs)) > STALE_AFTER_MS
    return isOld || (Number.isSafeInteger(pid) && pid >= 1 && !isProcess(pid)) ? nameOf(stat) : null
  } catch (error) {
    // Given back in this moment: to be taken, not to be broken.
    if (isMissing(error)) return null
    throw fileError(path, error) ?? error
  }
}

/**
 * Breaks a stale lock: that very file and no other. Another process may have broken it and taken the lock again since we
 * looked, so the file is moved aside first, and put back when it is not the one.
 */
function breakLock(path: string, stale: string): void {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  if (nameOf(statSync(aside, { bigint: true })) !== stale) linkSync(aside, path)
  removeFile(aside)
}

/**
 * @returns which file holds the lock for us, null where another one does
 * @throws OperationError INTERNAL where the disk does not take it; no lock is left behind then
 */
function tryTake(path: string): string | null {
  let fd: number
  try {
    fd = openSync(path, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return null
    throw fileError(path, error) ?? error
  }
  try {
    writeFully(fd, Buffer.from(String(process.pid)))
    return nameOf(fstatSync(fd, { bigint: true }))
  } catch (error) {
    // A lock without our number would keep everyone waiting until it is old.
    removeFile(path)
    throw fileError(path, error) ?? error
  } finally {
    closeSync(fd)
  }
}

/** Waits for the lock. As long as it goes from hand to hand, our turn comes: that takes as long as the disk is slow. */
async function take(path: string): Promise<string> {
  let holder: string | null = null
  let since = performance.now()
  for (;;) {
    const mine = tryTake(path)
    if (mine !== null) return mine
    const stale = staleFile(path)
    if (stale !== null) {
      breakLock(path, stale)
      continue
    }
    const now = fileAt(path)
    if (now !== holder) [holder, since] = [now, performance.now()]
    else if (performance.now() - since > WAIT_LIMIT_MS)
      throw new OperationError('BUSY', `Another process keeps ${path} locked; try again.`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/**
 * Runs `body` while this process holds the lock file, so that of two processes that change a file, each sees the
 * other's change.
 *
 * @throws OperationError BUSY after five seconds in which one process alone has held it
 */
export async function withLockFile<T>(path: string, body: () => T): Promise<T> {
  const mine = await take(path)
  try {
    return body()
  } finally {
    // Where we were so slow that it was taken from us, it is another's now.
    if (fileAt(path) === mine) removeFile(path)
  }
}
