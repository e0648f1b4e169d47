import type Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'

/** A table whose rows are copied, including those that store full-text indexes. */
interface Table {
  name: string
  /** The row's columns; generated ones are not written. */
  columns: string[]
  /** The columns that match a row of one database with the other's. */
  key: string[]
}

/** The name of the attached source database. */
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
    // The rowid, which is not a column, identifies rows and orders them: it is kept.
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

/** Raises the counters for row numbers, so that no number of either database is used again. */
function raiseSequences(db: Database.Database): void {
  const names = db.prepare(`SELECT name, seq FROM ${SOURCE}.sqlite_sequence`).all() as {
    name: string
    seq: number
  }[]
  for (const { name, seq } of names) raiseSequence(db, name, seq)
}

/** Makes the next number of a table greater than this one. */
export function raiseSequence(db: Database.Database, table: string, least: number): void {
  const raised = db
    .prepare('UPDATE main.sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
    .run(least, table).changes
  if (raised === 0) db.prepare('INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)').run(table, least)
}

/** Attaches the source database. Call outside a transaction. */
export function attachSource(db: Database.Database, path: string): void {
  db.prepare(`ATTACH DATABASE ? AS ${SOURCE}`).run(path)
  // Both are needed: rows refer to later rows, and the tables of full-text indexes are written directly.
  db.pragma('foreign_keys = OFF')
  db.unsafeMode(true)
}

/**
 * Makes a board a copy of the attached database, inside a write transaction. Other processes see one ordinary
 * transaction, and cannot write between the old content and the new. The rows are compared afterwards.
 *
 * @param db a board of the newest schema, with a source of the same schema attached
 * @throws Error if the rows differ afterwards; the caller must then roll back
 */
export function replaceContent(db: Database.Database): void {
  const triggers = db.prepare(`SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'`).all() as {
    name: string
    sql: string
  }[]
  // Rows that triggers would write are copied too.
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
 * @param db a database that claims to be a board
 * @param model an empty board of this version
 * @throws OperationError CONFLICT if its tables and triggers are not those of a board
 */
export function requireSameSchema(db: Database.Database, model: Database.Database): void {
  const [found, wanted] = [partsOf(db), partsOf(model)]
  const wrong = [...new Set([...found.keys(), ...wanted.keys()])].find(
    (part) => found.get(part) !== wanted.get(part),
  )
  if (wrong === undefined) return
  throw new OperationError('CONFLICT', `its ${wrong} is not that of a board of this version`)
}
