import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { migrate } from '../db/migrate.ts'
import { BoardFolders } from '../home/board-folders.ts'

export type Row = Record<string, string | number | null>

/**
 * Creates a board as an older version of Runboard left it.
 *
 * @param version its last migration
 * @param rows by table; missing columns take their defaults
 */
export function makeOldBoard(
  home: string,
  slug: string,
  version: number,
  rows: Record<string, readonly Row[]>,
): void {
  const folders = new BoardFolders(home)
  mkdirSync(folders.folder(slug), { recursive: true })
  writeFileSync(join(folders.folder(slug), 'board.json'), JSON.stringify({ name: slug, created_at: 1 }))
  const db = new Database(join(folders.folder(slug), 'board.db'))
  try {
    fillOldSchema(db, version, rows)
  } finally {
    db.close()
  }
}

/** Gives an empty database the schema of an older version, and rows. */
export function fillOldSchema(
  db: Database.Database,
  version: number,
  rows: Record<string, readonly Row[]>,
): void {
  migrate(db, { now: 1, fresh: true, upTo: version })
  // One transaction: tasks and their open runs refer to each other.
  db.transaction(() => {
    for (const [table, list] of Object.entries(rows)) for (const row of list) insert(db, table, row)
  })()
}

function insert(db: Database.Database, table: string, row: Row): void {
  const names = Object.keys(row)
  const values = names.map((name) => `:${name}`)
  db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`).run(row)
}
