import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { startOfLine } from './log-file.ts'
import type { LogCut } from './log-index.ts'
import { openRegularFile } from './regular-file.ts'
import { errorCode } from './setup-error.ts'

export interface CapOptions {
  max_bytes?: number
  /** How much of the beginning and of the end stays. Their sum is less than the maximum. */
  keep_head?: number
  keep_tail?: number
}

const MIB = 1024 * 1024
export const LOG_MAX_BYTES = 20 * MIB
/** How far to look for the end of a line at either side of the cut. */
const LINE_LIMIT = 64 * 1024
const NOTICE = /^\n?\[Runboard cut (\d{1,15}) bytes here[^\n]*\]\n/
/** A worker that writes while its log is cut is followed for this many bytes; of more than that only the end is kept. */
const FOLLOWED_BYTES = 4 * MIB
const LAST_BYTES = 64 * 1024
const FOLLOWED_LOOKS = 32
/** What is freed at once: to free more takes so long that others want their turn between. */
const FREED_AT_ONCE = 64 * MIB
const FASTER = Buffer.from(
  '\n[Runboard left out what was written here: it came faster than the log was cut]\n',
)

/**
 * Holds a log to its cap: when it is larger than `max_bytes`, the middle is cut out and a line says how many bytes
 * went (cuts of before included). Returns what moved, for the index; null when nothing was to be done.
 *
 * The worker goes on writing meanwhile. It has the file open for append, so its next write goes to the new end. The tail
 * is read beside the event loop and written further ahead in place; what the worker has written since is copied too, then
 * the file is truncated. Only what it writes between the last look at the size and the truncation, two system calls, can
 * be lost; of one that writes faster than can be copied, the end is kept, and a line says that something was left out.
 * Killed in between, the log holds a stretch twice.
 *
 * The event loop is held for the writing of `keep_tail` bytes and of what was followed, some milliseconds.
 *
 * @throws NotRegularFileError for anything but a file that has no other name
 */
export async function capLog(path: string, options: CapOptions = {}): Promise<LogCut | null> {
  const { max_bytes = LOG_MAX_BYTES } = options
  const { keep_head = Math.floor(max_bytes / 5), keep_tail = Math.floor((max_bytes * 2) / 5) } = options
  if (keep_head + keep_tail >= max_bytes)
    throw new RangeError('A log keeps less than its maximum when it is cut.')
  // Not opened for append: Linux would then append what is written to a position (pwrite(2), "BUGS").
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
  /** Where what is kept of the end begins now, and its bytes so far. */
  tail: number
  kept: Buffer
  /** The line that says how many bytes went. */
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
    // Even what overwrites needs room on some file systems. Then the end has to go as well: room is what is wanted.
    const { size } = fstatSync(file.fd)
    ftruncateSync(file.fd, head)
    return { head, shift: size - head }
  }
}

/** What lies past `from` is new and belongs to `to`; what lies between is not needed any more. */
interface Place {
  from: number
  to: number
  copied: number
  /** Bytes of the worker that were left out, because it wrote them too fast. */
  lost: number
}

/** Copies what is new to its place until nothing new comes. */
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

/** Cuts off what is not needed any more, piece by piece from the end: what comes meanwhile comes behind it. */
async function free(fd: number, place: Place): Promise<void> {
  for (let steps = Math.floor((place.from - place.to) / FREED_AT_ONCE); steps > 0; steps--) {
    place.from -= FREED_AT_ONCE
    ftruncateSync(fd, place.from)
    await setImmediate()
    followWriter(fd, place)
  }
  ftruncateSync(fd, place.to)
}

/** The notice takes the place of one that counted less: where the number has more digits, some words go. */
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

/** Reads `length` bytes, or less where the file ends before. */
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
