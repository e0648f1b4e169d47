import type { FileHandle } from 'node:fs/promises'
import { clipLine, toPlainLines } from '../../../formats/controls.ts'
import { openRegularFile, statRegular } from '../../home/regular-file.ts'
import { errorCode, errorMessage } from '../../home/system-error.ts'

/** A part of a log. Offsets are bytes from the start of the file. */
export interface LogPart {
  bytes: Buffer
  /** Where `bytes` begins, and where the next read continues. */
  from: number
  next: number
  /** Size of the whole log. */
  size: number
}

export interface LogStat {
  size: number
  /** Time of the last write, in milliseconds since the epoch. */
  modified_at: number
}

/**
 * Size and last write of a log; null if it does not exist.
 *
 * @throws NotRegularFileError if something else is at its path
 */
export function statLog(path: string): LogStat | null {
  const stats = statRegular(path)
  return stats ? { size: stats.size, modified_at: Math.round(stats.mtimeMs) } : null
}

/** Size of a log in bytes, 0 if there is none that can be read. */
export function logSize(path: string): number {
  try {
    return statLog(path)?.size ?? 0
  } catch {
    // The caller that reads the log reports why it cannot be read.
    return 0
  }
}

/** @returns when a log last grew, milliseconds since the epoch; null while it is empty or cannot be read */
export function lastOutputAt(path: string): number | null {
  try {
    const log = statLog(path)
    return log === null || log.size === 0 ? null : log.modified_at
  } catch {
    return null
  }
}

/** @returns the sentence for a log that cannot be read, from the error of the read */
export function unreadableLog(error: unknown): string {
  return `Its output cannot be read: ${errorMessage(error)}.`
}

/**
 * Reads at most `max_bytes` from the offset `from` on (a number, or a function of the log's size): the bytes as the
 * worker wrote them. A missing log is empty. An offset past the end reads nothing, at the end: `from` of the answer
 * is then less than asked for. This also happens when the log was cut in the meantime (see offsetAfterCut).
 */
export async function readLog(
  path: string,
  options: { from: number | ((size: number) => number); max_bytes: number },
): Promise<LogPart> {
  const nothing = { bytes: Buffer.alloc(0), from: 0, next: 0, size: 0 }
  return withLog(path, nothing, async (file, size) => {
    const wanted = typeof options.from === 'number' ? options.from : options.from(size)
    const from = Math.max(0, Math.min(wanted, size))
    const bytes = await readRange(file, from, Math.min(size, from + options.max_bytes))
    return { bytes, from, next: from + bytes.length, size }
  })
}

/**
 * The end of a log, at most `maxBytes`, beginning at the start of a line (or of a character, within an endless line).
 */
export async function tailLog(path: string, maxBytes: number): Promise<LogPart> {
  const nothing = { bytes: Buffer.alloc(0), from: 0, next: 0, size: 0 }
  return withLog(path, nothing, async (file, size) => {
    const wanted = Math.max(0, size - maxBytes)
    // One byte more shows whether the range happens to begin a line.
    const before = Math.max(0, wanted - 1)
    const bytes = await readRange(file, before, size)
    const start = wanted === 0 ? 0 : startOfLine(bytes, 1)
    return { bytes: bytes.subarray(start), from: before + start, next: before + bytes.length, size }
  })
}

/** First index from `at` on that begins a line; if there is none (but the end), the first that begins a character. */
export function startOfLine(bytes: Buffer, at: number): number {
  const lineEnd = bytes.indexOf(0x0a, at - 1)
  if (lineEnd >= 0 && lineEnd + 1 < bytes.length) return lineEnd + 1
  return startOfCharacter(bytes, at)
}

/** First index from `at` on that is not a continuation byte of UTF-8 (10xxxxxx; at most three follow each other). */
export function startOfCharacter(bytes: Buffer, at: number): number {
  let start = at
  while (start < at + 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return start
}

/** The last non-blank line, as plain text of at most 500 characters; null when there is none. Cheap. */
export async function lastLine(path: string): Promise<string | null> {
  const lines = await plainLines(path, (found) => found.some(isText), 500)
  return lines.filter(isText).at(-1)?.trim() ?? null
}

/** The last lines as plain text, each at most 1,000 characters, without blank ones at the end. Cheap. */
export async function lastLines(path: string, count: number): Promise<string[]> {
  const lines = await plainLines(path, (found) => found.length > count, 1_000)
  while (lines.length > 0 && !isText(lines.at(-1) ?? '')) lines.pop()
  return lines.slice(-count)
}

const isText = (line: string): boolean => line.trim() !== ''

const FIRST_WINDOW = 64 * 1024
const LAST_WINDOW = 1024 * 1024

/**
 * Lines from the end of a log, in a window that grows until it holds enough. If the window begins inside a line, that
 * line is left out, unless the window cannot grow: then it is marked by an ellipsis.
 */
async function plainLines(
  path: string,
  enough: (lines: string[]) => boolean,
  maxChars: number,
): Promise<string[]> {
  return withLog<string[]>(path, [], async (file, size) => {
    for (let window = FIRST_WINDOW; ; window *= 4) {
      const from = Math.max(0, size - window)
      const bytes = await readRange(file, from, size)
      const text = bytes.subarray(from === 0 ? 0 : startOfCharacter(bytes, 0)).toString('utf8')
      const lines = toPlainLines(text).map((line) => clipLine(line, maxChars))
      if (from === 0) return lines
      if (enough(lines.slice(1))) return lines.slice(1)
      if (window >= LAST_WINDOW) return [`…${lines[0] ?? ''}`, ...lines.slice(1)]
    }
  })
}

async function withLog<T>(
  path: string,
  missing: T,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle
  try {
    file = await openRegularFile(path, 'read')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return missing
    throw error
  }
  try {
    return await use(file, (await file.stat()).size)
  } finally {
    await file.close()
  }
}

/** Reads [from, to), or less if the file has become shorter meanwhile. */
async function readRange(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, to - from))
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
