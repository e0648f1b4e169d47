import Database from 'better-sqlite3'
import { migrate } from '../../kernel/db/migrate.ts'

/**
 * @returns the schema after all migrations, as on a new board. Shadow tables of the search index are left out, because
 *   SQLite creates them
 */
export function schemaDump(): string {
  const db = new Database(':memory:')
  try {
    migrate(db, { now: 0, fresh: true })
    const rows = db
      .prepare(
        `SELECT sql FROM sqlite_schema
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
         ORDER BY type = 'table' DESC, tbl_name, type, name`,
      )
      .pluck()
      .all() as string[]
    return `-- Made from the migrations by “npm run generate”; do not edit it here.\n\n${rows.join(';\n\n')};\n`
  } finally {
    db.close()
  }
}
