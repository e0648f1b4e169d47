import {
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'
import { removeFile } from '../home/files.ts'
import { checkBackup, type CheckedBackup, cursorOf } from './backup-folder.ts'
import { refuseUnknown } from './migrate.ts'
import { isOpenHere, sizeOf } from './set-aside.ts'

/** A backup that was checked and readied beside the board that it is to become. */
export interface Readied extends CheckedBackup {
  path: string
}

/** @throws OperationError NOT_FOUND, CONFLICT for the file of a board that is in use */
export function requireBackup(file: string, boardPath: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new OperationError('NOT_FOUND', `There is no file ${file}.`, { path: file })
  }
  const real = realpathSync(file)
  const isSame = sizeOf(boardPath) > 0 && real === realpathSync(boardPath)
  // Its content cannot be read past SQLite while it is open here.
  if (!isSame && !isOpenHere(real)) return
  throw new OperationError('CONFLICT', `${file} is the file of a board in use; name a backup of it.`, {
    path: file,
  })
}

/**
 * Copies a backup beside the board, checks the whole copy, and takes from it what belonged to a moment: who dispatched.
 * The backup itself is only read.
 *
 * @param file passed `requireBackup`
 * @throws OperationError CONFLICT, BOARD_TOO_NEW; nothing is left behind then
 */
export function readyBackup(file: string, boardPath: string): Readied {
  mkdirSync(dirname(boardPath), { recursive: true, mode: 0o700 })
  const path = `${boardPath}.${process.pid}.restoring`
  try {
    copyFileSync(file, path, constants.COPYFILE_EXCL)
    chmodSync(path, 0o600)
    // A copy that was made by hand may have its newest changes in the log beside it.
    if (sizeOf(`${file}-wal`) > 0) copyFileSync(`${file}-wal`, `${path}-wal`)
    const db = new Database(path)
    try {
      db.pragma('journal_mode = DELETE')
      refuseUnknown(db)
      if (db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'dispatcher_lease'`).get() !== undefined)
        db.exec('DELETE FROM dispatcher_lease')
    } finally {
      db.close()
    }
    return { path, ...checkBackup(path) }
  } catch (error) {
    dropReadied(path)
    if (error instanceof OperationError && error.code === 'BOARD_TOO_NEW') throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError(
      'CONFLICT',
      `${file} is no good backup of a board: ${why.replace(/\.$/, '')}.`,
      { path: file },
      { cause: error },
    )
  }
}

/** Takes away what `readyBackup` made. */
export function dropReadied(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) removeFile(`${path}${suffix}`)
}

/**
 * Makes a board what another file is, through SQLite: to every other process that has it open this is one more
 * transaction. Event numbers go on from where the board was, so that whoever follows it by cursor misses nothing.
 *
 * @param sourcePath a file of our own, which is changed
 * @param boardPath a healthy board that is not being written to here
 */
export async function replaceContent(sourcePath: string, boardPath: string): Promise<void> {
  const before = new Database(boardPath)
  const cursor = cursorOf(before)
  before.close()
  const source = new Database(sourcePath)
  try {
    const newest = Math.max(cursor, cursorOf(source))
    source.prepare(`DELETE FROM sqlite_sequence WHERE name = 'task_events'`).run()
    source.prepare(`INSERT INTO sqlite_sequence (name, seq) VALUES ('task_events', ?)`).run(newest)
    await source.backup(boardPath)
  } finally {
    source.close()
  }
}

/**
 * Puts a readied backup in the place of a file that cannot be used. That file is moved aside, with the log beside it.
 *
 * @param boardPath this process has it closed
 * @returns where the file lies now; null when there was none
 */
export function replaceFile(readied: Readied, boardPath: string, now: number): string | null {
  const stamp = new Date(now).toISOString().replace(/[-:.]/g, '')
  const aside = `${boardPath}.replaced.${stamp}.bak`
  const files = ['', '-wal'].filter((suffix) => statSync(`${boardPath}${suffix}`, { throwIfNoEntry: false }))
  for (const suffix of files) renameSync(`${boardPath}${suffix}`, `${aside}${suffix}`)
  // The index of that log: made anew with each log, and no content of the board.
  rmSync(`${boardPath}-shm`, { force: true })
  renameSync(readied.path, boardPath)
  return files.length === 0 ? null : aside
}
