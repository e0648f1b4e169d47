import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { migrate } from './migrate.ts'

/** How long SQLite itself waits for another process's lock, in milliseconds. */
const BUSY_TIMEOUT_MS = { block: 10_000, yield: 50 }

/** Files of the home folder are readable by their user alone, SQLite's among them: it takes the umask. */
function withPrivateUmask<T>(body: () => T): T {
  const before = process.umask(0o077)
  try {
    return body()
  } finally {
    process.umask(before)
  }
}

/** The pragmas of every connection, in the one place for them. */
function applyPragmas(db: Database.Database, busy: ConnectionOptions['busy']): void {
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS[busy]}`)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('cell_size_check = ON')
  db.pragma('trusted_schema = OFF')
}

/**
 * Opens a board's file, makes it when it is not there, and brings it to the newest schema.
 *
 * @param path absolute path of board.db
 * @throws OperationError BOARD_DAMAGED for what is not a healthy database, BOARD_TOO_NEW for one of a newer version
 */
export function openBoardFile(path: string, options: ConnectionOptions): Connection {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = !existsSync(path)
  let db: Database.Database | undefined
  try {
    db = withPrivateUmask(() => {
      const opened = new Database(path)
      applyPragmas(opened, options.busy)
      return opened
    })
    migrate(db, { now: options.clock(), fresh })
    return new Connection(db, options)
  } catch (error) {
    db?.close()
    throw damagedError(path, error)
  }
}

/** SQLite's ways of saying that a file is no healthy database. */
const DAMAGED_CODES = new Set([
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_CORRUPT_VTAB',
  'SQLITE_CORRUPT_INDEX',
])

function damagedError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!DAMAGED_CODES.has(code)) return error
  return new OperationError(
    'BOARD_DAMAGED',
    `The board’s file is not a healthy database and was left as it is: ${path}. Restore a backup with “runboard restore-backup”.`,
    { path },
    { cause: error },
  )
}
