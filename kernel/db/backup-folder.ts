import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { isMissing, removeFile } from '../home/files.ts'

/** Why a backup was made. Backups that a person made are kept until a person removes them. */
export type BackupReason = 'daily' | 'migration' | 'restore' | 'hand'

export interface BackupFile {
  path: string
  made_at: number
  reason: BackupReason
  size_bytes: number
}

const NAME = /^board-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-(daily|migration|restore|hand)\.db$/
/** How many automatic backups are kept. */
export const KEPT_BACKUPS = 7

/** @returns the folder of a board's backups, beside its file */
export function backupsFolder(boardPath: string): string {
  return join(dirname(boardPath), 'backups')
}

export function backupName(now: number, reason: BackupReason): string {
  return `board-${new Date(now).toISOString().replace(/[-:.]/g, '')}-${reason}.db`
}

function describe(folder: string, name: string): BackupFile[] {
  const match = NAME.exec(name)
  const path = join(folder, name)
  const stat = match === null ? undefined : statSync(path, { throwIfNoEntry: false })
  if (match === null || stat === undefined) return []
  const [, year, month, day, hour, minute, second, ms, reason] = match
  const made_at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
  return [{ path, made_at, reason: reason as BackupReason, size_bytes: stat.size }]
}

/** @returns the backups of a board, newest first */
export function listBackups(boardPath: string): BackupFile[] {
  const folder = backupsFolder(boardPath)
  try {
    return readdirSync(folder)
      .flatMap((name) => describe(folder, name))
      .sort((a, b) => b.made_at - a.made_at)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Removes the oldest automatic backups. */
export function pruneBackups(boardPath: string): void {
  const own = listBackups(boardPath).filter(({ reason }) => reason === 'daily' || reason === 'migration')
  for (const { path } of own.slice(KEPT_BACKUPS)) removeFile(path)
}

/** What a copy of a board holds. */
export interface BoardCounts {
  tasks: number
  runs: number
  events: number
}

function countOf(db: Database.Database, table: string): number {
  const exists = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(table)
  if (exists === undefined) return 0
  return db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
}

export function countBoard(db: Database.Database): BoardCounts {
  return {
    tasks: countOf(db, 'tasks'),
    runs: countOf(db, 'task_runs'),
    events: countOf(db, 'task_events'),
  }
}

/** @returns the highest event number that the board has ever had: it only grows */
export function cursorOf(db: Database.Database): number {
  const row = db.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'task_events'`).pluck().get()
  return typeof row === 'number' ? row : 0
}

/** @returns the cursor of a copy of a board, without reading the rest */
export function cursorOfFile(path: string): number {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return cursorOf(db)
  } finally {
    db.close()
  }
}

/** @throws Error with SQLite's finding unless the database is healthy */
export function quickCheck(db: Database.Database): void {
  const findings = db.pragma('quick_check(1)', { simple: true })
  if (findings !== 'ok') throw Object.assign(new Error(String(findings)), { code: 'SQLITE_CORRUPT' })
}

export interface CheckedBackup extends BoardCounts {
  cursor: number
}

/**
 * Opens a copy of a board and checks all of it. Copies are in rollback mode, so that nothing is written beside them.
 *
 * @throws Error when it is not a healthy board
 */
export function checkBackup(path: string): CheckedBackup {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    quickCheck(db)
    const migrated = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'`).get()
    if (migrated === undefined) throw new Error('it is a database, but not a board of Runboard')
    return { ...countBoard(db), cursor: cursorOf(db) }
  } finally {
    db.close()
  }
}

/** How many backups are checked before we give up: each check reads the whole file. */
const LOOKED_AT = 3

/** @returns the path of the newest healthy backup of a board, or null */
export function newestGoodBackup(boardPath: string): string | null {
  for (const { path } of listBackups(boardPath).slice(0, LOOKED_AT)) {
    try {
      checkBackup(path)
      return path
    } catch {
      // A damaged backup; `doctor` reports it.
    }
  }
  return null
}
