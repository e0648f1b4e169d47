import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import {
  type BoardExport,
  boardExport,
  EXPORT_FORMAT,
  EXPORT_VERSION,
  exportedBoard,
  exportedRows,
  type ExportedKind,
  OperationError,
} from '../../contract/index.ts'
import { isObject, type Json } from '../../formats/json.ts'
import { isMissing } from '../home/files.ts'
import { ROW_FIELDS } from './export.ts'
import { refuseSize } from './limits.ts'
import { refuseVastJson } from './scan-json.ts'

const CHUNK_BYTES = 8 * 1024 * 1024

function refuse(path: string, what: string): OperationError {
  return new OperationError('INVALID_INPUT', `${path} ${what}`, { path })
}

/** Reads a file or a pipe, at most as much as may be imported. */
function readBounded(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    refuseSize(path, fstatSync(file).size)
    const parts: Buffer[] = []
    for (let size = 0; ;) {
      const part = Buffer.allocUnsafe(CHUNK_BYTES)
      const count = readSync(file, part, 0, CHUNK_BYTES, null)
      if (count === 0) return Buffer.concat(parts, size)
      parts.push(part.subarray(0, count))
      refuseSize(path, (size += count))
    }
  } finally {
    closeSync(file)
  }
}

function readBytes(path: string): Buffer {
  try {
    return readBounded(path)
  } catch (error) {
    if (error instanceof OperationError) throw error
    if (isMissing(error)) throw new OperationError('NOT_FOUND', `File ${path} not found.`, { path })
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError('CONFLICT', `${path} cannot be read: ${why}.`, { path }, { cause: error })
  }
}

function parse(path: string, text: string, where: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refuse(path, `is not JSON${where}: ${error instanceof Error ? error.message : String(error)}.`)
  }
  if (isObject(value)) return value
  throw refuse(path, `is not a JSON object${where}.`)
}

const kindOf = (type: unknown) =>
  Object.keys(ROW_FIELDS).find((kind) => kind === type) as ExportedKind | undefined

/** Converts the `jsonl` form into the equivalent document. */
function fromLines(path: string, text: string): Json {
  const document: Json = Object.fromEntries(Object.values(ROW_FIELDS).map((field) => [field, []]))
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const where = ` on line ${index + 1}`
    const { type, ...row } = parse(path, line, where)
    const kind = kindOf(type)
    if (kind !== undefined) (document[ROW_FIELDS[kind]] as Json[]).push(row)
    else if (type === 'board' && document['format'] === undefined) Object.assign(document, row)
    else throw refuse(path, `has an unknown type${where}.`)
  }
  return document
}

function isLines(text: string): boolean {
  const first = text.trimStart().split('\n', 1)[0] ?? ''
  return /^\{\s*"type"\s*:\s*"board"/.test(first)
}

interface Field {
  safeParse(value: unknown): { success: boolean }
}

/** The nullable fields of a row. They may be missing, because an older version did not know them. */
function nullsOf({ shape }: { readonly shape: Readonly<Record<string, Field>> }): Json {
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, field]) => (field.safeParse(null).success ? [[key, null]] : [])),
  )
}

/**
 * A row with nulls for the fields that its version did not know. A value that is not an object is left for the schema
 * to refuse.
 */
function withNulls(row: unknown, nulls: Json): unknown {
  return isObject(row) ? { ...nulls, ...row } : row
}

/** The most problems that are listed for one file. */
const TOLD_ISSUES = 3
/** How many problems we look for before we stop. */
const MOST_ISSUES = 100
/** Of a place or a message, in characters: keys in a file can have any length. */
const MOST_SAID = 200

/**
 * Reads a file written by `export`, in either form.
 *
 * @param path absolute
 * @returns the board in the form of the contract; its consistency is not checked here
 * @throws OperationError NOT_FOUND, CONFLICT for one that cannot be read, BOARD_TOO_NEW, INVALID_INPUT
 */
export function readExport(path: string): BoardExport {
  return exportOf(path, readBytes(path))
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse(path, 'is not an exported board: it is not UTF-8 text.')
  }
}

/**
 * Like `readExport`, for content that has been read.
 *
 * @param path for errors
 */
export function exportOf(path: string, bytes: Buffer): BoardExport {
  refuseVastJson(path, bytes)
  const text = decode(path, bytes)
  const document = isLines(text) ? fromLines(path, text) : parse(path, text, '')
  if (document['format'] !== EXPORT_FORMAT)
    throw refuse(path, 'is not an exported board: it does not say so in its “format”.')
  if (typeof document['version'] === 'number' && document['version'] > EXPORT_VERSION) {
    throw new OperationError(
      'BOARD_TOO_NEW',
      `${path} was written by a newer Runboard (version ${document['version']} of the format; this one knows ${EXPORT_VERSION}). Update Runboard to read it.`,
      { path },
    )
  }
  return checkedDocument(path, document)
}

/** Checks a document against the schema, row by row, and stops after more problems than a person would read. */
function checkedDocument(path: string, document: Json): BoardExport {
  const issues: string[] = []
  const { board, ...rest } = document
  const fields = Object.entries(ROW_FIELDS) as [ExportedKind, keyof BoardExport][]
  const whole = boardExport()
    .strict()
    .safeParse({
      ...rest,
      board: withNulls(board, {
        accept_plans: false,
        merge_method: 'merge',
        wait_for_merge: false,
        ...nullsOf(exportedBoard()),
      }),
      ...Object.fromEntries(
        fields.flatMap(([, field]) => (Array.isArray(document[field]) ? [[field, []]] : [])),
      ),
    })
  note(issues, '', whole.error)
  const rows = fields.map(([kind, field]) => [field, checkedRows(kind, field, document[field], issues)])
  if (whole.success && issues.length === 0)
    return { ...whole.data, ...Object.fromEntries(rows) } as BoardExport
  const told = issues.slice(0, TOLD_ISSUES).join('; ')
  const left = issues.length - TOLD_ISSUES
  const more = left <= 0 ? '' : issues.length > MOST_ISSUES ? '; and more' : `; and ${left} more`
  throw refuse(path, `is not a valid exported board: ${told}${more}.`)
}

function checkedRows(kind: ExportedKind, field: string, rows: unknown, issues: string[]): unknown[] {
  const checked: unknown[] = []
  if (!Array.isArray(rows)) return checked
  const nulls = nullsOf(exportedRows[kind]())
  for (const [index, row] of rows.entries()) {
    if (issues.length > MOST_ISSUES) break
    const { data, error } = exportedRows[kind]().safeParse(withNulls(row, nulls))
    note(issues, `${field}.${index}`, error)
    checked.push(data)
  }
  return checked
}

interface Issues {
  issues: readonly { path: readonly PropertyKey[]; message: string }[]
}

function note(issues: string[], where: string, error: Issues | undefined): void {
  for (const { path, message } of error?.issues.slice(0, MOST_ISSUES) ?? []) {
    const place = [where, ...path.map(String)].filter((part) => part !== '').join('.')
    issues.push(`${place.slice(0, MOST_SAID)}: ${message.slice(0, MOST_SAID)}`)
  }
}
