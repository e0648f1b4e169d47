import { accessSync, constants, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'
import { isMissing } from '../home/files.ts'
import { quickCheck } from './backup-folder.ts'
import { isDamage } from './set-aside.ts'

/** The files beside a database that SQLite needs to read it. SQLite rebuilds the index of the log (`-shm`). */
const PARTS = ['', '-wal', '-journal']
/** How often we retry the copy of a file that changes while it is copied. */
const TRIES = 5

function signature(file: string): string {
  return PARTS.map((part) => {
    const stat = statSync(`${file}${part}`, { throwIfNoEntry: false })
    return stat === undefined ? '-' : `${stat.size}:${stat.mtimeMs}:${stat.ino}`
  }).join(' ')
}

/**
 * Copies a database that another program may be writing to, as it is at one moment.
 *
 * @throws OperationError CONFLICT if it keeps changing
 */
export function copyWhole(file: string, target: string): void {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const before = signature(file)
    for (const part of PARTS) {
      rmSync(`${target}${part}`, { force: true })
      if (statSync(`${file}${part}`, { throwIfNoEntry: false }) !== undefined)
        copyFileSync(`${file}${part}`, `${target}${part}`)
    }
    if (signature(file) === before) return
  }
  throw new OperationError(
    'CONFLICT',
    `${file} changes faster than it can be copied. Stop the program that writes to it, and try again.`,
    { path: file },
  )
}

/**
 * Reads another program's database from a copy. SQLite never opens the file itself, because it would write beside it.
 *
 * @param file absolute
 * @param check given the size before anything is copied
 * @throws OperationError NOT_FOUND, CONFLICT, INVALID_INPUT for a file that is not a healthy database
 */
export function readFromCopy<T>(
  file: string,
  body: (db: Database.Database) => T,
  check: (bytes: number) => void,
): T {
  refuseUnreadable(file)
  check(sizeWithParts(file))
  const folder = mkdtempSync(join(tmpdir(), 'runboard-import-'))
  try {
    const target = join(folder, 'copy.db')
    copyWhole(file, target)
    const db = new Database(target)
    try {
      quickCheck(db)
      return body(db)
    } finally {
      db.close()
    }
  } catch (error) {
    if (!isDamage(error)) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError(
      'INVALID_INPUT',
      `${file} is damaged or not a database: ${why}.`,
      { path: file },
      { cause: error },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws OperationError NOT_FOUND, CONFLICT for a path that cannot be read */
function refuseUnreadable(file: string): void {
  let isFile = false
  try {
    isFile = statSync(file).isFile()
    if (isFile) accessSync(file, constants.R_OK)
  } catch (error) {
    if (!isMissing(error)) {
      const why = error instanceof Error ? error.message : String(error)
      throw new OperationError(
        'CONFLICT',
        `${file} cannot be read: ${why}.`,
        { path: file },
        { cause: error },
      )
    }
  }
  if (!isFile) throw new OperationError('NOT_FOUND', `File ${file} not found.`, { path: file })
}

/** @returns the names of its tables */
export function tableNames(db: Database.Database): Set<string> {
  return new Set(db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all() as string[])
}

/** @returns the names of a table's columns; none for a missing table */
export function columnNames(db: Database.Database, table: string): string[] {
  return db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[]
}

/** @returns the size of a database and its files beside it, in bytes */
function sizeWithParts(file: string): number {
  return PARTS.reduce(
    (sum, part) => sum + (statSync(`${file}${part}`, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}

/**
 * Reads the stored columns. A column that SQLite computes (`AS (zeroblob(1e9))`) can be larger than the whole file.
 *
 * @param check given the number of rows before any is read
 * @returns every row of a table, with the columns in this order
 */
export function rowsOf(
  db: Database.Database,
  table: string,
  order: string,
  check: (count: number) => void,
): Record<string, unknown>[] {
  check(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number)
  const columns = columnNames(db, table).map((name) => `"${name.replaceAll('"', '""')}"`)
  return db.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${order}`).all() as Record<
    string,
    unknown
  >[]
}
