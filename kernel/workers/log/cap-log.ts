import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { startOfLine } from './log-file.ts'
import type { LogCut } from './log-index.ts'
import { openRegularFile } from '../../home/regular-file.ts'
import { errorCode } from '../../home/system-error.ts'

export interface CapOptions {
  max_bytes?: number
  /** How many bytes of the beginning and of the end are kept. Their sum is less than the maximum. */
  keep_head?: number
  keep_tail?: number
}

const MIB = 1024 * 1024
export const LOG_MAX_BYTES = 20 * MIB
/** How far to look for the end of a line on either side of the cut. */
const LINE_LIMIT = 64 * 1024
const NOTICE = /^\n?\[Runboard cut (\d{1,15}) bytes here[^\n]*\]\n/
/** How many bytes of a worker that keeps writing we copy during a cut; beyond that only the end is kept. */
const FOLLOWED_BYTES = 4 * MIB
const LAST_BYTES = 64 * 1024
const FOLLOWED_LOOKS = 32
/** The most bytes freed at once: freeing more would block the event loop too long. */
const FREED_AT_ONCE = 64 * MIB
const FASTER = Buffer.from(
  '\n[Runboard left out what was written here: it came faster than the log was cut]\n',
)

/**
 * Keeps a log below its cap. When it is larger than `max_bytes`, the middle is cut out, and a line says how many
 * bytes were removed (earlier cuts included). Returns what moved, for the index; null when nothing was cut.
 *
 * The worker keeps writing meanwhile. It has the file open for append, so its next write goes to the new end. The
 * tail is read asynchronously and written further ahead in place. Output written meanwhile is copied too, then the
 * file is truncated. Only output between the last look at the size and the truncation, two system calls, can be lost.
 * If the worker writes faster than we can copy, the end is kept, and a line says that something was left out. If we
 * are killed midway, the log holds a stretch twice. Writing `keep_tail` bytes and the copied output blocks the event
 * loop for some milliseconds.
 *
 * @throws NotRegularFileError unless the path is a regular file with no other name
 */
export async function capLog(path: string, options: CapOptions = {}): Promise<LogCut | null> {
  const { max_bytes = LOG_MAX_BYTES } = options
  const { keep_head = Math.floor(max_bytes / 5), keep_tail = Math.floor((max_bytes * 2) / 5) } = options
  if (keep_head + keep_tail >= max_bytes)
    throw new RangeError('A log keeps less than its maximum when it is cut.')
  // Not opened for append: on Linux, writes at a position would then be appended (pwrite(2), "BUGS").
  const file = await openRegularFile(path, 'change')
  try {
    const { size } = await file.stat()
    if (size <= max_bytes) return null
    const head = await endOfHead(file, keep_head)
    const tail = await startOfTail(file, size - keep_tail)
    const earlier = NOTICE.exec((await readRange(file, head, 300)).toString('latin1'))
    const lineBreak = head > 0 && (await readRange(file, head - 1, 1))[0] !== 0x0a ? '\n' : ''
    const counted = Number(earlier?.[1] ?? 0) - (earlier?.[0].length ?? 0)
    const notice = (cut: number, most = ' at most') =>
      Buffer.from(
        `${lineBreak}[Runboard cut ${cut + counted} bytes here: a log holds ${max_bytes} bytes${most}]\n`,
      )
    const kept = await readRange(file, tail, size - tail)
    return await replaceMiddle(file, { head, tail, kept, notice })
  } finally {
    await file.close()
  }
}

interface Middle {
  /** Where the head ends. */
  head: number
  /** Where the kept part of the end now begins, and its bytes so far. */
  tail: number
  kept: Buffer
  /** The line that says how many bytes were removed. */
  notice: (cut: number, most?: string) => Buffer
}

async function replaceMiddle(file: FileHandle, middle: Middle): Promise<LogCut | null> {
  const { head, tail, kept, notice } = middle
  const said = notice(tail - head)
  const shift = tail - head - said.length
  if (shift <= 0) return null
  try {
    writeWhole(file.fd, Buffer.concat([said, kept]), head)
    const place: Place = { from: tail + kept.length, to: tail + kept.length - shift, copied: 0, lost: 0 }
    followWriter(file.fd, place)
    await free(file.fd, place)
    if (place.lost > 0) writeWhole(file.fd, sameLength(notice, tail - head + place.lost, said.length), head)
    return { head, shift }
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC') throw error
    // Some file systems need free space even to overwrite. Then the end is dropped too: freeing space comes first.
    const { size } = fstatSync(file.fd)
    ftruncateSync(file.fd, head)
    return { head, shift: size - head }
  }
}

/** Bytes after `from` are new and belong at `to`; those between are no longer needed. */
interface Place {
  from: number
  to: number
  copied: number
  /** Bytes of the worker that were left out because it wrote too fast. */
  lost: number
}

/** Copies new output to its place until there is none. */
function followWriter(fd: number, place: Place): void {
  for (let looks = 0; looks < FOLLOWED_LOOKS; looks++) {
    const more = fstatSync(fd).size - place.from
    if (more <= 0) return
    if (place.copied + more > FOLLOWED_BYTES && more > LAST_BYTES) leaveOut(fd, place, more - LAST_BYTES)
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size - place.from, FOLLOWED_BYTES))
    const count = readSync(fd, bytes, 0, bytes.length, place.from)
    writeWhole(fd, bytes.subarray(0, count), place.to)
    place.from += count
    place.to += count
    place.copied += count
  }
}

function leaveOut(fd: number, place: Place, count: number): void {
  if (place.lost === 0) {
    writeWhole(fd, FASTER, place.to)
    place.to += FASTER.length
  }
  place.lost += count
  place.from += count
}

/** Truncates what is no longer needed, piece by piece from the end. New output is appended after it. */
async function free(fd: number, place: Place): Promise<void> {
  for (let steps = Math.floor((place.from - place.to) / FREED_AT_ONCE); steps > 0; steps--) {
    place.from -= FREED_AT_ONCE
    ftruncateSync(fd, place.from)
    await setImmediate()
    followWriter(fd, place)
  }
  ftruncateSync(fd, place.to)
}

/**
 * The new notice must fit the place of an earlier one with a smaller number: if it has more digits, words are
 * dropped.
 */
function sameLength(notice: Middle['notice'], cut: number, length: number): Buffer {
  const said = notice(cut)
  const digits = said.length - length
  return digits === 0 ? said : notice(cut, ' '.repeat(Math.max(0, ' at most'.length - digits)))
}

function writeWhole(fd: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written)
  }
}

async function endOfHead(file: FileHandle, keep: number): Promise<number> {
  const from = Math.max(0, keep - LINE_LIMIT)
  const lineEnd = (await readRange(file, from, keep - from)).lastIndexOf(0x0a)
  return lineEnd >= 0 ? from + lineEnd + 1 : keep
}

async function startOfTail(file: FileHandle, wanted: number): Promise<number> {
  return wanted + startOfLine(await readRange(file, wanted, LINE_LIMIT), 1)
}

/** Reads `length` bytes, or fewer if the file ends before. */
async function readRange(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, length))
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
