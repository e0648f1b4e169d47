import { randomBytes } from 'node:crypto'
import {
  type BigIntStats,
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs'
import { OperationError } from '../../contract/index.ts'
import { codeOf, fileError, isMissing, isProcess, removeFile, writeFully } from './files.ts'

const WAIT_LIMIT_MS = 5_000
const PAUSE_MS = 20
/** The holder reads, changes and renames one small file: if that takes longer, it has died. */
const STALE_AFTER_MS = 10_000

const WINDOWS = process.platform === 'win32'

/**
 * Distinguishes a file from others at its path; an inode alone may be reused at once. Windows may change the time of the
 * last write once more when the file is closed, so there it is the time of its creation.
 */
function nameOf({ ino, mtimeNs, birthtimeNs }: Pick<BigIntStats, 'ino' | 'mtimeNs' | 'birthtimeNs'>): string {
  return `${ino}:${WINDOWS ? birthtimeNs : mtimeNs}`
}

/** On Windows a file that is being removed stays in its folder until the last program closes it, and cannot be opened. */
function isBeingRemoved(error: unknown): boolean {
  return WINDOWS && ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))
}

/** @returns the identity of the file that holds the lock now, null if there is none */
function fileAt(path: string): string | null {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stat === undefined ? null : nameOf(stat)
  } catch (error) {
    if (isBeingRemoved(error)) return null
    throw error
  }
}

/** @returns the identity of the lock file, if its creator has died or has held it far too long */
function staleFile(path: string): string | null {
  try {
    const stat = statSync(path, { bigint: true })
    const pid = Number(readFileSync(path, 'utf8'))
    // From the future: the clock was set back since.
    const isOld = Math.abs(Date.now() - Number(stat.mtimeMs)) > STALE_AFTER_MS
    return isOld || (Number.isSafeInteger(pid) && pid >= 1 && !isProcess(pid)) ? nameOf(stat) : null
  } catch (error) {
    // Just released; acquire normally.
    if (isMissing(error) || isBeingRemoved(error)) return null
    throw fileError(path, error) ?? error
  }
}

/**
 * Breaks a stale lock: that very file and no other. Another process may have broken it and taken the lock since we
 * looked, so the file is moved aside first, and put back if it is a different one.
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
 * @returns the identity of our lock file, null if another process holds the lock
 * @throws OperationError INTERNAL if the disk refuses the write; no lock is left behind then
 */
function tryTake(path: string): string | null {
  let fd: number
  try {
    fd = openSync(path, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || isBeingRemoved(error)) return null
    throw fileError(path, error) ?? error
  }
  try {
    writeFully(fd, Buffer.from(String(process.pid)))
    return nameOf(fstatSync(fd, { bigint: true }))
  } catch (error) {
    // A lock without our pid would block everyone until it is old.
    removeFile(path)
    throw fileError(path, error) ?? error
  } finally {
    closeSync(fd)
  }
}

/** Waits for the lock. While holders keep changing, we keep waiting: a slow disk only delays our turn. */
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
 * Runs `body` while this process holds the lock file, so that two processes that change a file see each other's
 * changes.
 *
 * @throws OperationError BUSY after one process has held it for five seconds
 */
export async function withLockFile<T>(path: string, body: () => T): Promise<T> {
  const mine = await take(path)
  try {
    return body()
  } finally {
    // If it was taken from us because we were slow, it belongs to another process now.
    if (fileAt(path) === mine) removeFile(path)
  }
}
