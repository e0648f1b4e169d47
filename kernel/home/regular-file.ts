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
import { errorCode } from './system-error.ts'

/**
 * Files at paths where a worker can write: its log and the files beside it, markers in workspaces. A worker can put
 * anything at such a path. A FIFO blocks the process that opens it, a link may lead to a user's file, a device may
 * have no end. So only regular files are opened, links are not followed, and nothing is written through a hard link.
 */

/**
 * Something other than a regular file is at a path. The message is a sentence without its full stop: `<path> is a
 * folder`.
 */
export class NotRegularFileError extends Error {
  override readonly name = 'NotRegularFileError'
  readonly path: string

  constructor(path: string, what: string) {
    super(`${path} is ${what}, not a file`)
    this.path = path
  }
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = constants
/** Windows has neither; there the check before the open must do. */
const GUARDED = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const WAYS = {
  read: O_RDONLY | GUARDED,
  change: O_RDWR | GUARDED,
  /** Created if missing. */
  append: O_WRONLY | O_APPEND | O_CREAT | GUARDED,
  /**
   * Created; an existing entry, even a link, is an error (EEXIST). A worker inherits the descriptor, so without
   * O_NONBLOCK.
   */
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

/** If one of our folders was replaced by a link, it leads to files that are not ours. */
function checkFolder(path: string, way: Way): void {
  if (way === 'read') return
  const folder = dirname(path)
  if (lstatSync(folder).isSymbolicLink()) throw new NotRegularFileError(path, 'in a folder that is a link')
}

/**
 * @returns the stat of a regular file, or null if the path is free
 * @throws NotRegularFileError if anything else is there
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
 * @throws NotRegularFileError, and the errors of `open` (ENOENT, EACCES, …)
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

/** Like `openRegular`, without blocking. */
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
 * @param follow whether to follow a link, for files that people may have linked themselves (config.json)
 * @throws NotRegularFileError, and the errors of `open` and `read`
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
 * Frees a path for one of our files: an existing file, folder or link is renamed and kept.
 *
 * @returns its new path, or null if the path was free
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

/**
 * Creates one of our files with this content. A file or link at its path is removed, anything else is moved aside.
 */
export function makeRegular(path: string, content: string): void {
  clearWay(path)
  const file = openRegular(path, 'make')
  try {
    writeFileSync(file, content)
  } finally {
    closeSync(file)
  }
}

/** Removes one of our files: a link without its target. A folder at the path is moved aside. */
export function clearWay(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') moveAside(path)
  }
}
