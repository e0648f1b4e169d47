import { OperationError } from '../../contract/index.ts'
import { readLog, startOfCharacter } from '../workers/log-file.ts'
import { readIndex } from '../workers/log-index.ts'
import { errorMessage } from '../workers/setup-error.ts'

/** The most that one call reads, in bytes; the caller goes on from `next`. */
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
 * Reads part of a log. As text, it is cut where a character ends, so that windows put together give the whole. A missing
 * log is an empty one.
 *
 * @throws OperationError CONFLICT where something that is no file is in the place of the log
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

/** The length without a character at the end whose bytes are not all there. */
function wholeCharacters(bytes: Buffer): number {
  const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80
  let lead = bytes.length - 1
  while (lead > bytes.length - 4 && isContinuation(bytes[lead])) lead--
  const first = bytes[lead] ?? 0
  const needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
  return lead >= 0 && lead + needed > bytes.length ? lead : bytes.length
}

/**
 * When each part of a log was first seen. The index says how far the log had grown at a time; turned round, what lies
 * between one entry's end and the next's was first seen at the next's time.
 *
 * @returns byte offsets with the time from which on the output there was seen, ascending; none for an index that cannot
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
    // The log can be read without its times.
    return { entries: [] }
  }
}
