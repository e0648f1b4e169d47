import type Database from 'better-sqlite3'
import { isNestedTooDeep, OperationError } from '../../../contract/index.ts'
import { LATEST_TIME } from '../../../contract/times.ts'
import { codeOf } from '../../home/files.ts'
import { columnNames, rowsOf, tableNames } from '../../db/foreign-copy.ts'
import { refuseCount } from '../limits.ts'

/** A row of the file. Columns came and went over the years, so each may be missing. */
export type Raw = Readonly<Record<string, unknown>>

export interface RawBoard {
  tasks: Raw[]
  links: Raw[]
  comments: Raw[]
  events: Raw[]
  runs: Raw[]
}

const NEEDED_COLUMNS = ['id', 'title', 'status', 'created_at']

/**
 * @param source the file's path, for the error
 * @throws OperationError INVALID_INPUT for a database that is not a board of Hermes
 */
export function readRaw(db: Database.Database, source: string): RawBoard {
  const tables = tableNames(db)
  const columns = columnNames(db, 'tasks')
  const isRunboard = tables.has('schema_migrations') && tables.has('board_state')
  if (isRunboard || NEEDED_COLUMNS.some((name) => !columns.includes(name))) {
    const what = isRunboard ? 'is a board of Runboard itself' : 'is a database, but not a board of Hermes'
    throw new OperationError('INVALID_INPUT', `${source} ${what}.`, { path: source })
  }
  const rows = (kind: keyof RawBoard, table: string, order: string): Raw[] =>
    tables.has(table) ? readRows(db, source, kind, table, order) : []
  return {
    tasks: rows('tasks', 'tasks', 'created_at, rowid'),
    links: rows('links', 'task_links', 'rowid'),
    comments: rows('comments', 'task_comments', 'id'),
    events: rows('events', 'task_events', 'id'),
    runs: rows('runs', 'task_runs', 'id'),
  }
}

function readRows(
  db: Database.Database,
  source: string,
  kind: keyof RawBoard,
  table: string,
  order: string,
): Raw[] {
  try {
    return rowsOf(db, table, order, (count) => refuseCount(source, kind, count))
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_ERROR') throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError(
      'INVALID_INPUT',
      `${source} has a table “${table}” that is not as Hermes makes it: ${why}.`,
      { path: source },
      { cause: error },
    )
  }
}

/** @returns the text of a column, null if it is missing or blank; invalid characters are replaced by U+FFFD */
export function textOf(row: Raw, column: string): string | null {
  const value = row[column]
  const text =
    typeof value === 'number' ? String(value) : Buffer.isBuffer(value) ? value.toString('utf8') : value
  if (typeof text !== 'string' || text.trim() === '') return null
  return text.replace(/[\ud800-\udfff]|\0/gu, '\ufffd')
}

/** @returns the whole number of a column; null if there is none, or one too large to be exact */
export function intOf(row: Raw, column: string): number | null {
  const value = row[column]
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return null
  const whole = Math.round(number)
  return Number.isSafeInteger(whole) ? whole : null
}

/** @returns the number of a column if it is at least 1, else null */
export function positiveOf(row: Raw, column: string): number | null {
  const number = intOf(row, column)
  return number !== null && number > 0 ? number : null
}

/** Later than any real date in seconds since the epoch, and earlier than any in milliseconds. */
const MILLISECONDS_FROM = 1e11

function inRange(time: number): number | null {
  return time >= 0 && time <= LATEST_TIME ? time : null
}

/**
 * @returns a time in milliseconds, null before 1970 or after 9999. The file has seconds; some versions wrote
 *   fractions of them or ISO texts.
 */
export function timeOf(row: Raw, column: string): number | null {
  const value = row[column]
  const number = typeof value === 'string' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number) && value !== '') {
    return inRange(Math.round(number >= MILLISECONDS_FROM ? number : number * 1000))
  }
  return inRange(typeof value === 'string' ? Date.parse(value) : Number.NaN)
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** @returns the JSON object of a column; another JSON value, or a text that is not JSON, wrapped in an object */
export function objectOf(row: Raw, column: string): Record<string, Json> | null {
  const text = textOf(row, column)
  if (text === null) return null
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch {
    return { text }
  }
  if (isNestedTooDeep(value)) return { text }
  if (value === null) return null
  const object = typeof value === 'object' && !Array.isArray(value) ? value : { value }
  return Object.keys(object).length === 0 ? null : object
}

/** @returns the texts of a JSON list, or of a comma-separated list */
export function listOf(row: Raw, column: string): string[] {
  const text = textOf(row, column)
  if (text === null) return []
  let parts: unknown[] = text.split(',')
  try {
    const value: unknown = JSON.parse(text)
    parts = Array.isArray(value) ? (value as unknown[]) : [value]
  } catch {
    // An early version separated the names by commas.
  }
  const names = parts.flatMap((part) => (typeof part === 'string' && part.trim() !== '' ? [part.trim()] : []))
  return [...new Set(names)]
}
