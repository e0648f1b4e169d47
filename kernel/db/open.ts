import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { backupBoard } from './backup.ts'
import { busyError, Connection, type ConnectionOptions, isBusy } from './connection.ts'
import { diskError } from './disk-error.ts'
import { identityOf } from './file-identity.ts'
import { type FileSystemProbe, refuseNetworkFileSystem } from './file-system.ts'
import { followFolder } from './follow-folder.ts'
import { migrate, refuseUnknown } from './migrate.ts'
import { errorCode } from '../home/system-error.ts'
import { finishReplacement } from './replace-file.ts'
import { damagedError, isDamage, noteConnection, refuseLostFile, refuseStrayLog } from './set-aside.ts'

/** How long SQLite itself waits for another process's lock, in milliseconds. */
const BUSY_TIMEOUT_MS = { block: 10_000, yield: 50 }

/** Only their user may read the files of the home folder, including SQLite's, whose mode follows the umask. */
function withPrivateUmask<T>(body: () => T): T {
  const before = changeUmask(0o077)
  try {
    return body()
  } finally {
    if (before !== null) changeUmask(before)
  }
}

/**
 * @returns the umask before; null in a thread, which cannot change it. Threads only open existing boards, and SQLite creates
 *   files beside one with the mode of that file.
 */
function changeUmask(mask: number): number | null {
  try {
    return process.umask(mask)
  } catch (error) {
    if (errorCode(error) === 'ERR_WORKER_UNSUPPORTED_OPERATION') return null
    throw error
  }
}

/** The pragmas of every connection, in one place. */
function applyPragmas(db: Database.Database): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') throw new Error(`the file system does not take a write-ahead log (${String(mode)})`)
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('cell_size_check = ON')
  db.pragma('trusted_schema = OFF')
}

export interface OpenOptions extends ConnectionOptions {
  /** Finds the file system of a folder; by default the system is asked. */
  fileSystem?: FileSystemProbe | undefined
  /**
   * The board existed before: if its file is missing or empty, it was lost, and no new one is created in its place.
   */
  mustExist?: boolean
  /** The future folder of a board that is being assembled elsewhere. */
  folder?: string
}

/** How long opening waits for another process that may be migrating the board, in milliseconds. */
const OPENING_TIMEOUT_MS = 10_000

function openConnection(path: string, options: OpenOptions, closed: () => void): Connection {
  const db = new Database(path, { timeout: OPENING_TIMEOUT_MS })
  try {
    // Before the first write: the journal mode is part of the file.
    refuseUnknown(db)
    applyPragmas(db)
    const now = options.clock()
    migrate(db, { now, beforeChange: () => backupBoard(db, path, 'migration', now) })
    const identity = identityOf(path)
    const isCurrent = () => identityOf(path) === identity
    const connection = new Connection(db, { ...options, isCurrent }, closed)
    followFolder(connection, options.folder ?? dirname(path))
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS[options.busy]}`)
    return connection
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Opens a board's file, creates it if missing, and migrates it to the newest schema after a backup. A file that is
 * neither a board nor empty is left unchanged. Only cheap checks run here; `doctor` and each backup check everything.
 *
 * @param path absolute path of board.db
 * @throws OperationError BOARD_DAMAGED for a file that is not a healthy board, BOARD_TOO_NEW for one of a newer
 *   version, CONFLICT on a network file system
 */
export function openBoardFile(path: string, options: OpenOptions): Connection {
  finishReplacement(path)
  if (options.mustExist === true) refuseLostFile(path)
  else mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  refuseNetworkFileSystem(dirname(path), options.fileSystem)
  refuseStrayLog(path)
  const closed = noteConnection(path)
  try {
    return withPrivateUmask(() => openConnection(path, options, closed))
  } catch (error) {
    closed()
    if (isBusy(error)) throw busyError(error)
    if (!isDamage(error)) throw diskError(path, error) ?? error
    throw damagedError(path, `The board’s file ${path} is not a healthy database.`, error)
  }
}

/** @returns a connection to an empty board in memory, which is never written to */
export function openEmptyBoard(options: ConnectionOptions): Connection {
  const db = new Database(':memory:')
  migrate(db, { now: options.clock(), fresh: true })
  return new Connection(db, options)
}

/**
 * Opens a board's file for one long job beside the connection that serves the board, and closes it again.
 *
 * @param path of a board that was opened before, and so migrated
 */
export function withBoardFile<T>(path: string, body: (db: Database.Database) => T): T {
  const closed = noteConnection(path)
  const db = new Database(path, { timeout: OPENING_TIMEOUT_MS, fileMustExist: true })
  try {
    applyPragmas(db)
    return body(db)
  } finally {
    db.close()
    closed()
  }
}

/** Like `withBoardFile`, for jobs that read with named statements. */
export function withConnection<T>(path: string, clock: () => number, body: (connection: Connection) => T): T {
  return withBoardFile(path, (db) => body(new Connection(db, { clock, busy: 'block' })))
}
