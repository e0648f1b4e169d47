import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from './setup-error.ts'

/**
 * Files in places where a worker can write: its log and what lies beside it, markers in workspaces. A worker can put
 * anything at such a path. A FIFO blocks the process that opens it, a link leads to a file of the user's, a device may
 * have no end: so only regular files are opened, links are not followed, and nothing is written through a hard link.
 */

/** What is at a path is no regular file. The message is a sentence without its full stop: `<path> is a folder`. */
export class NotRegularFileError extends Error {
  override readonly name = 'NotRegularFileError'
  readonly path: string

  constructor(path: string, what: string) {
    super(`${path} is ${what}, not a file`)
    this.path = path
  }
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = constants
/** Windows has neither; there the look before the opening has to do. */
const GUARDED = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const WAYS = {
  read: O_RDONLY | GUARDED,
  change: O_RDWR | GUARDED,
  /** Made if missing. */
  append: O_WRONLY | O_APPEND | O_CREAT | GUARDED,
  /** Made; what is there already, be it a link, is an error (EEXIST). A worker inherits it, so without O_NONBLOCK. */
  make: O_WRONLY | O_APPEND | O_CREAT | O_EXCL,
} as const

export type Way = keyof typeof WAYS

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isSymbolicLink()) return 'a link'
  if (stats.isFIFO()) return 'a FIFO'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

function check(path: string, stats: Stats, way: Way): void {
  if (!stats.isFile()) throw new NotRegularFileError(path, kindOf(stats))
  if (way !== 'read' && stats.nlink > 1) {
    throw new NotRegularFileError(path, 'a second name of another file')
  }
}

/** A folder of ours that was replaced by a link leads to files that are not ours. */
function checkFolder(path: string, way: Way): void {
  if (way === 'read') return
  const folder = dirname(path)
  if (lstatSync(folder).isSymbolicLink()) throw new NotRegularFileError(path, 'in a folder that is a link')
}

/**
 * @returns what is known of a regular file, or null where there is nothing
 * @throws NotRegularFileError where there is anything else
 */
export function statRegular(path: string): Stats | null {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return null
  check(path, stats, 'read')
  return stats
}

/**
 * Opens a regular file. The caller closes it.
 *
 * @throws NotRegularFileError, and what `open` throws (ENOENT, EACCES, …)
 */
export function openRegular(path: string, way: Way): number {
  statRegular(path)
  checkFolder(path, way)
  const file = openSync(path, WAYS[way], 0o600)
  try {
    check(path, fstatSync(file), way)
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}

/** As `openRegular`, without blocking. */
export async function openRegularFile(path: string, way: Way): Promise<FileHandle> {
  statRegular(path)
  checkFolder(path, way)
  const file = await open(path, WAYS[way], 0o600)
  try {
    check(path, await file.stat(), way)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Reads a regular file, at most its first `maxBytes`.
 *
 * @param follow whether a link is followed, for files that people may have linked to themselves (config.json)
 * @throws NotRegularFileError, and what `open` and `read` throw
 */
export function readRegular(path: string, maxBytes: number, { follow = false } = {}): Buffer {
  const file = follow ? openSync(path, O_RDONLY | (constants.O_NONBLOCK ?? 0)) : openRegular(path, 'read')
  try {
    const stats = fstatSync(file)
    check(path, stats, 'read')
    return readUpTo(file, Math.min(stats.size, maxBytes))
  } finally {
    closeSync(file)
  }
}

function readUpTo(file: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}

/**
 * Makes way for a file of ours: what is at its path, be it a folder or a link, is renamed and stays.
 *
 * @returns where it is now, or null where there was nothing
 */
export function moveAside(path: string): string | null {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null
  for (let n = 1; ; n++) {
    const aside = `${path}.old-${n}`
    if (lstatSync(aside, { throwIfNoEntry: false }) !== undefined) continue
    renameSync(path, aside)
    return aside
  }
}

/** Makes a file of ours with this content. What is at its path goes: a file or a link is removed, all else moved aside. */
export function makeRegular(path: string, content: string): void {
  clearWay(path)
  const file = openRegular(path, 'make')
  try {
    writeFileSync(file, content)
  } finally {
    closeSync(file)
  }
}

/** Removes a name of ours: a link without what it leads to. A folder that is at its path is moved aside. */
export function clearWay(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') moveAside(path)
  }
}
