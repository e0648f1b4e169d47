import { readFileSync } from 'node:fs'
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
import { isMissing } from '../home/files.ts'
import { ROW_FIELDS } from './export.ts'

type Json = Record<string, unknown>

function refuse(path: string, what: string): OperationError {
  return new OperationError('INVALID_INPUT', `${path} ${what}`, { path })
}

function readText(path: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (isMissing(error)) throw new OperationError('NOT_FOUND', `There is no file ${path}.`, { path })
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError('CONFLICT', `${path} cannot be read: ${why}.`, { path }, { cause: error })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse(path, 'is not UTF-8 text, so it is no exported board.')
  }
}

function parse(path: string, text: string, where: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refuse(path, `is not JSON${where}: ${error instanceof Error ? error.message : String(error)}.`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw refuse(path, `holds something else than a JSON object${where}.`)
}

const kindOf = (type: unknown) =>
  Object.keys(ROW_FIELDS).find((kind) => kind === type) as ExportedKind | undefined

/** The `jsonl` form as the document that it stands for. */
function fromLines(path: string, text: string): Json {
  const document: Json = Object.fromEntries(Object.values(ROW_FIELDS).map((field) => [field, []]))
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const where = ` on line ${index + 1}`
    const { type, ...row } = parse(path, line, where)
    const kind = kindOf(type)
    if (kind !== undefined) (document[ROW_FIELDS[kind]] as Json[]).push(row)
    else if (type === 'board' && document['format'] === undefined) Object.assign(document, row)
    else throw refuse(path, `has something of an unknown type${where}.`)
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

/** The fields of a row that may be null, and so may be absent: an older version did not know them. */
function nullsOf({ shape }: { readonly shape: Readonly<Record<string, Field>> }): Json {
  return Object.fromEntries(
    Object.entries(shape).flatMap(([key, field]) => (field.safeParse(null).success ? [[key, null]] : [])),
  )
}

function withNulls(document: Json): Json {
  const filled: Json = { ...document }
  const board = document['board']
  if (typeof board === 'object' && board !== null) {
    filled['board'] = { accept_plans: false, ...nullsOf(exportedBoard), ...board }
  }
  for (const [kind, field] of Object.entries(ROW_FIELDS)) {
    const rows = document[field]
    const nulls = nullsOf(exportedRows[kind as ExportedKind])
    if (Array.isArray(rows)) filled[field] = rows.map((row: unknown) => ({ ...nulls, ...(row as Json) }))
  }
  return filled
}

/** The most that is said of a file that is wrong in many places. */
const TOLD_ISSUES = 3

/**
 * Reads a file that `export` has written, in either form.
 *
 * @param path absolute
 * @returns the board as the contract has it; whether its parts fit together is not looked at here
 * @throws OperationError NOT_FOUND, CONFLICT for one that cannot be read, BOARD_TOO_NEW, INVALID_INPUT
 */
export function readExport(path: string): BoardExport {
  const text = readText(path)
  const document = isLines(text) ? fromLines(path, text) : parse(path, text, '')
  if (document['format'] !== EXPORT_FORMAT)
    throw refuse(path, 'is no exported board: it does not say so in its “format”.')
  if (typeof document['version'] === 'number' && document['version'] > EXPORT_VERSION) {
    throw new OperationError(
      'BOARD_TOO_NEW',
      `${path} was written by a newer Runboard (version ${document['version']} of the format; this one knows ${EXPORT_VERSION}). Update Runboard to read it.`,
      { path },
    )
  }
  const checked = boardExport.strict().safeParse(withNulls(document))
  if (checked.success) return checked.data
  const { issues } = checked.error
  const told = issues.slice(0, TOLD_ISSUES).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  const more = issues.length > told.length ? `; and ${issues.length - told.length} more` : ''
  throw refuse(path, `is not an exported board as it must be: ${told.join('; ')}${more}.`)
}
