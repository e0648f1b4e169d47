import { chmodSync, closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'
import { removeFile } from '../home/files.ts'
import {
  backupName,
  type BackupReason,
  backupsFolder,
  type CheckedBackup,
  checkBackup,
  cursorOf,
  pruneBackups,
} from './backup-folder.ts'

/**
 * Writes a copy of an open board, checks it, and only then gives it its name: an existing backup is always a good
 * one. Other processes keep writing meanwhile; the copy shows the board at one moment.
 *
 * @param db outside a transaction
 * @param target absolute; must not exist
 * @throws OperationError CONFLICT; nothing is left behind then
 */
export function copyBoard(db: Database.Database, target: string): CheckedBackup {
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  try {
    if (existsSync(target)) throw new Error('there is a file of that name already')
    // Created empty first, so that only its user can read it from the first byte.
    closeSync(openSync(temporary, 'wx', 0o600))
    chmodSync(temporary, 0o600)
    const before = cursorOf(db)
    db.prepare('VACUUM INTO ?').run(temporary)
    const copy = checkBackup(temporary)
    const after = cursorOf(db)
    if (copy.cursor < before || copy.cursor > after) throw new Error('the copy is not what the board was')
    renameSync(temporary, target)
    return copy
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError(
      'CONFLICT',
      `No backup was written to ${target}: ${why}.`,
      { path: target },
      { cause: error },
    )
  } finally {
    removeFile(temporary)
  }
}

/**
 * Backs up a board into its own backup folder, and removes old backups.
 *
 * @param path of board.db; `db` is a connection to it
 */
export function backupBoard(
  db: Database.Database,
  path: string,
  reason: BackupReason,
  now: number,
): { path: string } & CheckedBackup {
  const folder = backupsFolder(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let target = join(folder, backupName(now, reason))
  // Two processes migrating one board at once, or a clock that stands still, can produce the same name.
  for (let later = now + 1; existsSync(target); later++) target = join(folder, backupName(later, reason))
  const copy = copyBoard(db, target)
  pruneBackups(path)
  return { path: target, ...copy }
}
