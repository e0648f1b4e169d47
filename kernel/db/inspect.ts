import type Database from 'better-sqlite3'
import { quickCheck } from './backup-folder.ts'

/** What a look at all of a board's file has found. */
export interface FileFindings {
  /** What is wrong with the pages, or null. */
  damage: string | null
  /** Rows that refer to rows which are not there. */
  broken_references: number
}

/** Reads the whole file: seconds on a large board. */
export function inspectFile(db: Database.Database): FileFindings {
  try {
    quickCheck(db)
  } catch (error) {
    return { damage: error instanceof Error ? error.message : String(error), broken_references: 0 }
  }
  const broken = db.pragma('foreign_key_check') as unknown[]
  return { damage: null, broken_references: broken.length }
}
