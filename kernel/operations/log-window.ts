import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** The most that one call reads, in bytes; the caller goes on from `next`. */
const WINDOW_BYTES = 1024 * 1024

export interface LogWindow {
  content: string
  from: number
  next: number
}

/** @returns the size of a log, in bytes */
export function logSize(path: string): number {
  return statSync(path).size
}

/** @returns when the log last grew, milliseconds since the epoch; null while it is empty */
export function lastOutputAt(path: string): number | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined || stat.size === 0 ? null : Math.round(stat.mtimeMs)
}

/**
 * Reads part of a log. As text, it is cut where a character ends, so that windows put together give the whole.
 *
 * @param request `tail` counts from the end and wins over `from`
 */
export function readLogWindow(
  path: string,
  request: { from?: number | undefined; tail?: number | undefined; encoding: 'utf8' | 'base64' },
): LogWindow {
  const size = logSize(path)
  const wanted = request.tail === undefined ? (request.from ?? 0) : Math.max(0, size - request.tail)
  const from = Math.min(wanted, size)
  const bytes = readBytes(path, from, Math.min(WINDOW_BYTES, size - from))
  if (request.encoding === 'base64') {
    return { content: bytes.toString('base64'), from, next: from + bytes.length }
  }
  const start = request.tail === undefined ? 0 : continuationBytes(bytes)
  const end = from + bytes.length < size ? wholeCharacters(bytes) : bytes.length
  return { content: bytes.toString('utf8', start, end), from: from + start, next: from + end }
}

function readBytes(path: string, from: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  const fd = openSync(path, 'r')
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, length, from))
  } finally {
    closeSync(fd)
  }
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

/** How many bytes at the start belong to a character that began before. */
function continuationBytes(bytes: Buffer): number {
  let count = 0
  while (count < 3 && isContinuation(bytes[count])) count++
  return count
}

/** The length without a character at the end whose bytes are not all there. */
function wholeCharacters(bytes: Buffer): number {
  let lead = bytes.length - 1
  while (lead > bytes.length - 4 && isContinuation(bytes[lead])) lead--
  const first = bytes[lead] ?? 0
  const needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
  return lead >= 0 && lead + needed > bytes.length ? lead : bytes.length
}

/** @returns byte offsets of the log with the times at which it was seen to have grown that far */
export { readTimes } from './log-times.ts'
