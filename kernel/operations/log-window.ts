import { OperationError } from '../../contract/index.ts'
import { readLog, startOfCharacter } from '../workers/log/log-file.ts'
import { readIndex } from '../workers/log/log-index.ts'
import { errorMessage } from '../home/system-error.ts'

/** The most bytes that one call reads; the caller continues from `next`. */
const WINDOW_BYTES = 1024 * 1024

export interface LogWindow {
  content: string
  from: number
  next: number
  size: number
}

export interface LogRequest {
  from?: number | undefined
  /** Counts from the end and wins over `from`. */
  tail?: number | undefined
  encoding: 'utf8' | 'base64'
  times: boolean
}

/**
 * Reads part of a log. Text is cut at the end of a character, so that consecutive windows give the whole log. A
 * missing log is empty.
 *
 * @throws OperationError CONFLICT if something other than a regular file is at the log's path
 */
export async function readLogWindow(path: string, request: LogRequest): Promise<LogWindow> {
  const { bytes, from, next, size } = await readOrRefuse(path, request)
  if (request.encoding === 'base64') return { content: bytes.toString('base64'), from, next, size }
  const start = request.tail === undefined ? 0 : startOfCharacter(bytes, 0)
  const end = next < size ? wholeCharacters(bytes) : bytes.length
  return { content: bytes.toString('utf8', start, end), from: from + start, next: from + end, size }
}

async function readOrRefuse(path: string, { from = 0, tail }: LogRequest) {
  try {
    return await readLog(path, {
      from: tail === undefined ? from : (size) => Math.max(0, size - tail),
      max_bytes: WINDOW_BYTES,
    })
  } catch (error) {
    throw new OperationError('CONFLICT', `The log cannot be read: ${errorMessage(error)}.`, {
      log_path: path,
    })
  }
}

/** The length without an incomplete character at the end. */
function wholeCharacters(bytes: Buffer): number {
  const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80
  let lead = bytes.length - 1
  while (lead > bytes.length - 4 && isContinuation(bytes[lead])) lead--
  const first = bytes[lead] ?? 0
  const needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
  return lead >= 0 && lead + needed > bytes.length ? lead : bytes.length
}

/**
 * When each part of a log was first seen. An index entry says how long the log was at a time. So the bytes between
 * two entries were first seen at the time of the second.
 *
 * @returns byte offsets with the time at which the output there was first seen, ascending; none if the index cannot
 *   be read
 */
export function readTimes(logPath: string): { offset: number; at: number }[] {
  const { entries } = readIndexOrNone(logPath)
  return entries.map(({ time_ms }, index) => ({ offset: entries[index - 1]?.offset ?? 0, at: time_ms }))
}

function readIndexOrNone(logPath: string): Pick<ReturnType<typeof readIndex>, 'entries'> {
  try {
    return readIndex(logPath)
  } catch {
    // The log can still be read without times.
    return { entries: [] }
  }
}
