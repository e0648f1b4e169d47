import Database from 'better-sqlite3'
import { quickCheck } from './backup-folder.ts'

/** The findings of a check of a board's whole file. */
export interface FileFindings {
  /** Damage to the pages, or null. */
  damage: string | null
  /** Rows that refer to missing rows. */
  broken_references: number
}

/**
 * Counts the tasks of an archived board, by status.
 *
 * @returns the problem if the file cannot be read
 */
export function countArchived(path: string): { counts: Record<string, number>; problem: string | null } {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { fileMustExist: true, timeout: 1_000 })
    const rows = db.prepare('SELECT status, count(*) AS count FROM tasks GROUP BY status').all()
    const counts = (rows as { status: string; count: number }[]).map(({ status, count }) => [status, count])
    return { counts: Object.fromEntries(counts) as Record<string, number>, problem: null }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { counts: {}, problem: `Its file ${path} cannot be read: ${why}.` }
  } finally {
    db?.close()
  }
}

/** Reads the whole file: takes seconds on a large board. */
export function inspectFile(db: Database.Database): FileFindings {
  try {
    quickCheck(db)
  } catch (error) {
    return { damage: error instanceof Error ? error.message : String(error), broken_references: 0 }
  }
  const broken = db.pragma('foreign_key_check') as unknown[]
  return { damage: null, broken_references: broken.length }
}
