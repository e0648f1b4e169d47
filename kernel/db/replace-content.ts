import type Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'

/** A table whose rows are copied: also those in which full-text indexes keep their content. */
interface Table {
  name: string
  /** Of the rows; generated columns are not written. */
  columns: string[]
  /** What finds a row of one database in the other. */
  key: string[]
}

/** The name under which the database that is copied from is attached. */
const SOURCE = 'source'

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const list = (names: readonly string[], prefix = '') => names.map((name) => prefix + quoted(name)).join(', ')

function tablesOf(db: Database.Database): Table[] {
  const tables = db
    .prepare(
      `SELECT name, wr FROM pragma_table_list
       WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite^_%' ESCAPE '^'`,
    )
    .all() as { name: string; wr: 0 | 1 }[]
  return tables.map(({ name, wr }) => {
    const columns = db
      .prepare(`SELECT name, type, pk FROM pragma_table_xinfo(?, 'main') WHERE hidden = 0`)
      .all(name) as { name: string; type: string; pk: number }[]
    const names = columns.map((column) => column.name)
    const primary = columns.filter(({ pk }) => pk > 0)
    if (wr === 1) return { name, columns: names, key: primary.map((column) => column.name) }
    const hasRowId = primary.length === 1 && primary[0]?.type === 'INTEGER'
    // The rowid, which is not a column, identifies rows and gives their order: it is kept.
    return hasRowId
      ? { name, columns: names, key: [primary[0]?.name ?? ''] }
      : { name, columns: ['rowid', ...names], key: ['rowid'] }
  })
}

function copyRows(db: Database.Database, { name, columns }: Table): void {
  db.exec(`DELETE FROM main.${quoted(name)}`)
  db.exec(
    `INSERT INTO main.${quoted(name)} (${list(columns)}) SELECT ${list(columns)} FROM ${SOURCE}.${quoted(name)}`,
  )
}

/** @throws Error unless both databases have the same rows in a table, value for value */
function compareRows(db: Database.Database, { name, columns, key }: Table): void {
  const count = (schema: string) =>
    db
      .prepare(`SELECT count(*) FROM ${schema}.${quoted(name)}`)
      .pluck()
      .get() as number
  const same = db
    .prepare(
      `SELECT count(*) FROM main.${quoted(name)} AS a JOIN ${SOURCE}.${quoted(name)} AS b
       ON ${key.map((column) => `a.${quoted(column)} = b.${quoted(column)}`).join(' AND ')}
       WHERE ${columns.map((column) => `a.${quoted(column)} IS b.${quoted(column)}`).join(' AND ')}`,
    )
    .pluck()
    .get() as number
  const [mine, theirs] = [count('main'), count(SOURCE)]
  if (mine !== theirs || same !== theirs)
    throw new Error(`the copy of ${name} is not what it was copied from (${same} of ${theirs} rows)`)
}

/** The numbers that were given to rows so far: none of either database is given again. */
function raiseSequences(db: Database.Database): void {
  const names = db.prepare(`SELECT name, seq FROM ${SOURCE}.sqlite_sequence`).all() as {
    name: string
    seq: number
  }[]
  for (const { name, seq } of names) raiseSequence(db, name, seq)
}

/** The next number of a table is greater than this one, whatever it was going to be. */
export function raiseSequence(db: Database.Database, table: string, least: number): void {
  const raised = db
    .prepare('UPDATE main.sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
    .run(least, table).changes
  if (raised === 0) db.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run(table, least)
}

/** Attaches the database that is to be copied from. Outside of a transaction. */
export function attachSource(db: Database.Database, path: string): void {
  db.prepare(`ATTACH DATABASE ? AS ${SOURCE}`).run(path)
  // Both: rows refer to rows that come later, and the tables of full-text indexes are written as they are.
  db.pragma('foreign_keys = OFF')
  db.unsafeMode(true)
}

/**
 * Makes a board what the attached database is, inside of a write transaction: to every other process this is one more
 * transaction, and nobody can write between what it replaces and what it puts there. The rows are compared afterwards.
 *
 * @param db a board of the newest schema, with a source of the same schema attached
 * @throws Error where the rows are not the same afterwards; the transaction is to be rolled back then
 */
export function replaceContent(db: Database.Database): void {
  const triggers = db.prepare(`SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'`).all() as {
    name: string
    sql: string
  }[]
  // What triggers write is copied as it is.
  for (const { name } of triggers) db.exec(`DROP TRIGGER main.${quoted(name)}`)
  const tables = tablesOf(db)
  for (const table of tables) copyRows(db, table)
  raiseSequences(db)
  for (const table of tables) compareRows(db, table)
  for (const { sql } of triggers) db.exec(sql)
}

function partsOf(db: Database.Database): Map<string, string> {
  const rows = db
    .prepare(
      `SELECT type, name, sql FROM sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'`,
    )
    .all() as { type: string; name: string; sql: string }[]
  return new Map(rows.map(({ type, name, sql }) => [`${type} ${name}`, sql]))
}

/**
 * @param db what says of itself that it is a board
 * @param model an empty board of this version
 * @throws OperationError CONFLICT where its tables and triggers are not those of a board
 */
export function requireSameSchema(db: Database.Database, model: Database.Database): void {
  const [found, wanted] = [partsOf(db), partsOf(model)]
  const wrong = [...new Set([...found.keys(), ...wanted.keys()])].find(
    (part) => found.get(part) !== wanted.get(part),
  )
  if (wrong === undefined) return
  throw new OperationError('CONFLICT', `its ${wrong} is not that of a board of this version`)
}
