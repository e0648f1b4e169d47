import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'
import { removeFile } from '../home/files.ts'
import { backupsFolder, checkBackup, type CheckedBackup } from './backup-folder.ts'
import { identityOf } from './file-identity.ts'
import { copyWhole } from './foreign-copy.ts'
import { migrate } from './migrate.ts'
import { requireSameSchema } from './replace-content.ts'

/** A backup that was checked and prepared beside the board that it will become. */
export interface Readied extends CheckedBackup {
  path: string
  /** Not a backup of this board: a person must first accept what it would run. */
  foreign: boolean
}

export interface ReadyRequest {
  /** Absolute path of the backup; not the file of a board in use. */
  file: string
  /** Absolute path of the board's file. */
  path: string
  /** The identity of this board, if known. */
  board_id: string | null
  now: number
}

/** @throws OperationError NOT_FOUND */
export function requireBackup(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return
  throw new OperationError('NOT_FOUND', `File ${file} not found.`, { path: file })
}

/**
 * Copies a backup beside the board, migrates it to the newest schema, checks the whole copy, and removes its
 * temporary state: the dispatcher's lease. The backup itself is only read.
 *
 * @throws OperationError CONFLICT, BOARD_TOO_NEW; nothing is left behind then
 */
export function readyBackup({ file, path: boardPath, board_id, now }: ReadyRequest): Readied {
  mkdirSync(dirname(boardPath), { recursive: true, mode: 0o700 })
  const path = `${boardPath}.${process.pid}.restoring`
  try {
    dropReadied(path)
    // A copy made by hand may have its newest changes in the log beside it.
    copyWhole(file, path)
    chmodSync(path, 0o600)
    const db = new Database(path)
    try {
      const foreign = prepare(db, boardPath, file, board_id, now)
      db.close()
      const fd = openSync(path, 'r+')
      fsyncSync(fd)
      closeSync(fd)
      return { path, foreign, ...checkBackup(path) }
    } finally {
      db.close()
    }
  } catch (error) {
    dropReadied(path)
    if (error instanceof OperationError && error.code === 'BOARD_TOO_NEW') throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError(
      'CONFLICT',
      `${file} is not a usable backup of a board: ${why.replace(/\.$/, '')}.`,
      { path: file },
      { cause: error },
    )
  }
}

function prepare(
  db: Database.Database,
  boardPath: string,
  file: string,
  boardId: string | null,
  now: number,
): boolean {
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
  db.pragma('journal_mode = DELETE')
  migrateOld(db, now)
  db.exec('DELETE FROM dispatcher_lease')
  const foreign = !isInOwnFolder(file, boardPath) && (boardId === null || stateOf(db, 'board_id') !== boardId)
  if (foreign) {
    for (const key of ['paused', 'unaccepted']) {
      db.prepare(`INSERT OR REPLACE INTO board_state (key, value, updated_at) VALUES (?, 'true', ?)`).run(
        key,
        now,
      )
    }
  }
  return foreign
}

function migrateOld(db: Database.Database, now: number): void {
  const hasTables = db.prepare(`SELECT 1 FROM sqlite_schema LIMIT 1`).get() !== undefined
  if (!hasTables) throw new Error('it is empty')
  migrate(db, { now })
  const model = new Database(':memory:')
  try {
    migrate(model, { now, fresh: true })
    requireSameSchema(db, model)
  } finally {
    model.close()
  }
}

function stateOf(db: Database.Database, key: string): string | null {
  const value = db.prepare('SELECT value FROM board_state WHERE key = ?').pluck().get(key)
  return typeof value === 'string' ? value : null
}

function isInOwnFolder(file: string, boardPath: string): boolean {
  const own = identityOf(backupsFolder(boardPath))
  return own !== null && own === identityOf(dirname(file))
}

/** Removes the files of `readyBackup`. */
export function dropReadied(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) removeFile(`${path}${suffix}`)
}
