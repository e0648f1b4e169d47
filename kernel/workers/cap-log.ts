import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { startOfLine } from './log-file.ts'
import type { LogCut } from './log-index.ts'

export interface CapOptions {
  max_bytes?: number
  /** How much of the beginning and of the end stays. Their sum is less than the maximum. */
  keep_head?: number
  keep_tail?: number
}

const MIB = 1024 * 1024
export const LOG_MAX_BYTES = 20 * MIB
const CHUNK = MIB
/** How far to look for the end of a line at either side of the cut. */
const LINE_LIMIT = 64 * 1024
const NOTICE = /^\n?\[Runboard cut (\d+) bytes here[^\n]*\]\n/

/**
 * Holds a log to its cap: when it is larger than `max_bytes`, the middle is cut out and a line says how many bytes
 * went (cuts of before included). Returns what moved, for the index; null when nothing was to be done.
 *
 * The worker goes on writing meanwhile. It has the file open for append, so its next write goes to the new end. The
 * tail is copied forward in place until nothing new has come, then the file is truncated: only what the worker writes
 * between the last look at the size and the truncation, two system calls, can be lost. Killed in between, the log
 * holds a stretch twice. Blocks for the copying of `keep_tail` bytes.
 */
export function capLog(path: string, options: CapOptions = {}): LogCut | null {
  const { max_bytes = LOG_MAX_BYTES } = options
  const { keep_head = Math.floor(max_bytes / 5), keep_tail = Math.floor((max_bytes * 2) / 5) } = options
  if (keep_head + keep_tail >= max_bytes)
    throw new RangeError('A log keeps less than its maximum when it is cut.')
  // Not opened for append: Linux would then append what is written to a position (pwrite(2), "BUGS").
  const file = openSync(path, 'r+')
  try {
    const size = fstatSync(file).size
    return size > max_bytes ? cutMiddle(file, size, { max_bytes, keep_head, keep_tail }) : null
  } finally {
    closeSync(file)
  }
}

function cutMiddle(file: number, size: number, limits: Required<CapOptions>): LogCut | null {
  const head = endOfHead(file, limits.keep_head)
  const tail = startOfTail(file, size - limits.keep_tail)
  const earlier = NOTICE.exec(readAt(file, head, 300).toString('latin1'))
  const cutBytes = tail - head - (earlier?.[0].length ?? 0) + Number(earlier?.[1] ?? 0)
  const lineBreak = head > 0 && readAt(file, head - 1, 1)[0] !== 0x0a ? '\n' : ''
  const limit = `a log holds ${limits.max_bytes} bytes at most`
  const notice = Buffer.from(`${lineBreak}[Runboard cut ${cutBytes} bytes here: ${limit}]\n`)
  const shift = tail - head - notice.length
  if (shift <= 0) return null
  writeSync(file, notice, 0, notice.length, head)
  moveForward(file, tail, shift)
  return { head, shift }
}

/** Copies everything from `from` on to `shift` bytes further ahead, and cuts off what is left at the end. */
function moveForward(file: number, from: number, shift: number): void {
  let position = from
  for (let size = fstatSync(file).size; position < size; size = fstatSync(file).size) {
    const bytes = readAt(file, position, CHUNK)
    writeSync(file, bytes, 0, bytes.length, position - shift)
    position += bytes.length
  }
  ftruncateSync(file, position - shift)
}

function endOfHead(file: number, keep: number): number {
  const from = Math.max(0, keep - LINE_LIMIT)
  const lineEnd = readAt(file, from, keep - from).lastIndexOf(0x0a)
  return lineEnd >= 0 ? from + lineEnd + 1 : keep
}

function startOfTail(file: number, wanted: number): number {
  return wanted + startOfLine(readAt(file, wanted, LINE_LIMIT), 1)
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, position))
}
