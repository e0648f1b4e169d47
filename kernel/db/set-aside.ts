import { createHash, type Hash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { OperationError } from '../../contract/index.ts'
import { newestGoodBackup } from './backup-folder.ts'
import { identityOf } from './file-identity.ts'

/**
 * The open connections of this process, by file. Reading a database's file past SQLite is only safe while there are
 * none: on POSIX, closing any descriptor of a file drops all locks that the process has on it, including SQLite's.
 */
const connections = new Set<{ path: string; identity: string | null }>()

/** Call for each opened connection. @returns the function to call when it is closed */
export function noteConnection(path: string): () => void {
  const connection = { path, identity: identityOf(path) }
  connections.add(connection)
  return () => void connections.delete(connection)
}

/** @returns whether this process has the file open as a database, by any path */
export function isOpenHere(path: string): boolean {
  const identity = identityOf(path)
  return [...connections].some((connection) => {
    // A file that was created on opening had no identity before.
    connection.identity ??= identityOf(connection.path)
    return connection.path === path || (identity !== null && connection.identity === identity)
  })
}

/** SQLite's error codes for a file that is not a healthy database. */
export function isDamage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

const CHUNK_BYTES = 1024 * 1024

function addContent(hash: Hash, path: string): void {
  const fd = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES)
    for (;;) {
      const length = readSync(fd, buffer, 0, CHUNK_BYTES, null)
      if (length === 0) return
      hash.update(buffer.subarray(0, length))
    }
  } finally {
    closeSync(fd)
  }
}

/** @returns the size of a file in bytes, 0 if it is missing. Reads only the folder entry, never the file. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function copyOnce(from: string, to: string): void {
  if (statSync(to, { throwIfNoEntry: false }) !== undefined) return
  const temporary = `${to}.${process.pid}.tmp`
  try {
    copyFileSync(from, temporary, constants.COPYFILE_EXCL)
    chmodSync(temporary, 0o600)
    renameSync(temporary, to)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/**
 * Copies a damaged file, and the log beside it, to `<file>.corrupt.<16 hex digits of its content>.bak`: one copy per
 * content, however often it is opened. The file itself is unchanged.
 *
 * @returns the copy's path; null while this process has the file open, or when it cannot be read
 */
export function setAside(path: string): string | null {
  if (isOpenHere(path)) return null
  const log = `${path}-wal`
  const files = [path, log].filter((file) => sizeOf(file) > 0)
  try {
    const hash = createHash('sha256')
    for (const file of files) addContent(hash, file)
    const target = `${path}.corrupt.${hash.digest('hex').slice(0, 16)}.bak`
    if (files.includes(path)) copyOnce(path, target)
    if (files.includes(log)) copyOnce(log, `${target}-wal`)
    return target
  } catch {
    // A disk that cannot be read, or is full: the board is still refused, and its file is unchanged.
    return null
  }
}

/**
 * The error of a board whose file cannot be trusted. It names the copy that was set aside and the newest good backup.
 *
 * @param what a sentence that describes the problem
 */
export function damagedError(path: string, what: string, cause: unknown): OperationError {
  const set_aside = setAside(path)
  const backup = newestGoodBackup(path)
  const kept = set_aside === null ? 'It was left as it is.' : `It was left as it is; a copy is ${set_aside}.`
  const offer =
    backup === null
      ? 'There is no good backup of it.'
      : `The newest good backup is ${backup}; “runboard restore-backup FILE” brings it back.`
  return new OperationError(
    'BOARD_DAMAGED',
    `${what} ${kept} ${offer}`,
    { path, set_aside, backup },
    { cause },
  )
}

/**
 * Refuses a board whose file was deleted, moved away or emptied. A new one in its place would hide that.
 *
 * @throws OperationError BOARD_DAMAGED
 */
export function refuseLostFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat !== undefined && stat.size > 0) return
  const what = stat === undefined ? 'is gone' : 'is empty'
  throw damagedError(path, `The board’s file ${path} ${what}. No new one was put in its place.`, undefined)
}

/**
 * Refuses a write-ahead log without its database, which was moved or deleted. If opened now, SQLite would create a
 * new database and delete the log with its content.
 *
 * @throws OperationError BOARD_DAMAGED
 */
export function refuseStrayLog(path: string): void {
  // The log first: another process that is creating the board writes the database before its log.
  if (sizeOf(`${path}-wal`) === 0 || sizeOf(path) > 0) return
  throw damagedError(path, `The board’s file ${path} is gone, but its write-ahead log is there.`, undefined)
}
