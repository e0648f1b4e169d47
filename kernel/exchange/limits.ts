import { thousands } from '../../formats/count.ts'
import {
  type BoardExport,
  boardSettingsInput,
  MAX_NESTING,
  OperationError,
  ATTACHMENT_LIMITS,
  TEXT_LIMITS,
} from '../../contract/index.ts'
import { LATEST_TIME } from '../../contract/times.ts'

/** Limits on the file that a board is made from, and on its content. A larger one is refused; nothing is cut. */
export const IMPORT_LIMITS = {
  /** Size of the file. Longer text does not fit into one string of V8. */
  bytes: 500_000_000,
  /** Nesting depth of a JSON file: the document, its list, the row, and the nesting that a row may have. */
  depth: MAX_NESTING + 4,
  /** Objects and lists in total: each takes far more memory than its two brackets in the file. */
  containers: 10_000_000,
  /** Values in total, keys included. */
  values: 100_000_000,
  rows: {
    tasks: 200_000,
    links: 1_000_000,
    runs: 1_000_000,
    comments: 1_000_000,
    attachments: 100_000,
    events: 5_000_000,
    questions: 100_000,
    messages: 100_000,
    views: 1_000,
    workflows: 100_000,
    walks: 1_000_000,
    visits: 5_000_000,
    items: 1_000_000,
  },
  /** Characters of a text, or of a JSON value as text, that has no limit of its own. */
  text: 4_000_000,
  /** The largest id: ids that SQLite assigns after it are still exact numbers. */
  id: 1_000_000_000_000_000,
} as const

type Rows = keyof typeof IMPORT_LIMITS.rows

/** Imported texts have the same limits as typed ones. */
export const FIELD_LIMITS: Partial<Record<Rows, Readonly<Record<string, number>>>> = {
  tasks: { title: TEXT_LIMITS.title, body: TEXT_LIMITS.body, result: TEXT_LIMITS.summary },
  comments: { body: TEXT_LIMITS.comment, author: TEXT_LIMITS.title },
  // Base64 takes four characters for three bytes.
  attachments: { content: Math.ceil(ATTACHMENT_LIMITS.bytes / 3) * 4 },
  runs: { summary: TEXT_LIMITS.summary, metadata: TEXT_LIMITS.metadata },
  events: { actor: TEXT_LIMITS.title },
}

/** @returns the error for a file that is over a limit */
export function overLimit(path: string, what: string): OperationError {
  return new OperationError('INVALID_INPUT', `${path} ${what}. Nothing was imported.`, { path })
}

/** @throws OperationError INVALID_INPUT for a file that is too large to be read */
export function refuseSize(path: string, bytes: number): void {
  if (bytes <= IMPORT_LIMITS.bytes) return
  throw overLimit(path, `is larger than the ${thousands(IMPORT_LIMITS.bytes)} bytes that can be imported`)
}

/** @throws OperationError INVALID_INPUT for too many rows of one kind */
export function refuseCount(path: string, kind: Rows, count: number): void {
  const limit = IMPORT_LIMITS.rows[kind]
  if (count > limit)
    throw overLimit(path, `holds ${thousands(count)} ${kind}; at most ${thousands(limit)} can be imported`)
}

/** Half a surrogate pair, or a zero: SQLite would store something else. */
const UNKEPT = /[\ud800-\udfff]|\0/u

/** The problem with one value of a row; null if there is none. */
function problemOf(kind: Rows, key: string, value: unknown): string | null {
  if (typeof value === 'number') {
    if (key.endsWith('_at') && (value < 0 || value > LATEST_TIME))
      return 'is not a time between 1970 and 9999'
    if ((key === 'id' || key === 'run_id') && value > IMPORT_LIMITS.id)
      return `is over ${thousands(IMPORT_LIMITS.id)}`
    return null
  }
  if (typeof value === 'string' && UNKEPT.test(value)) {
    return 'is not text that can be kept: it holds half a character or a zero'
  }
  const length = lengthOf(value)
  const limit = FIELD_LIMITS[kind]?.[key] ?? IMPORT_LIMITS.text
  return length > limit
    ? `has ${thousands(length)} characters; at most ${thousands(limit)} can be imported`
    : null
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 0
}

/**
 * @param source what the board was read from, for the error
 * @throws OperationError INVALID_INPUT for too many rows, a text that is too long, a time or an id out of range
 */
export function refuseOverLimits(board: BoardExport, source: string): void {
  for (const kind of Object.keys(IMPORT_LIMITS.rows) as Rows[]) {
    refuseCount(source, kind, board[kind].length)
    for (const [index, row] of board[kind].entries()) {
      for (const [key, value] of Object.entries(row)) {
        const problem = problemOf(kind, key, value)
        if (problem !== null)
          throw overLimit(source, `cannot be imported: ${kind}.${index}.${key} ${problem}`)
      }
    }
  }
  const head = { cursor: board.cursor, inbox_seen: board.inbox_seen }
  for (const [key, value] of Object.entries(head)) {
    if (value > IMPORT_LIMITS.id)
      throw overLimit(source, `cannot be imported: ${key} is over ${thousands(IMPORT_LIMITS.id)}`)
  }
  const { paused: _paused, created_at, ...settings } = board.board
  const usable = boardSettingsInput().safeParse(settings)
  const problem = problemOf('views', 'created_at', created_at) ?? usable.error?.issues[0]?.message ?? null
  if (problem !== null) throw overLimit(source, `cannot be imported: its settings: ${problem}`)
}
