import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OperationError, systemTrouble } from '../../contract/index.ts'
import { readRegular } from './regular-file.ts'

/** Writes all of `bytes`: one write may take only a part of them. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) {
    const written = writeSync(fd, rest)
    if (written === 0) throw Object.assign(new Error('nothing more could be written'), { code: 'ENOSPC' })
    rest = rest.subarray(written)
  }
}

/** Makes a rename survive a power cut. Windows cannot open a folder, and does not need this. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } catch (error) {
    // Some file systems cannot sync a folder; the rename itself is done.
    if (!['EINVAL', 'ENOTSUP'].includes(codeOf(error))) throw error
  } finally {
    closeSync(fd)
  }
}

/**
 * @returns a text that changes with the content of a file: its time, size and inode, without reading it; null when
 *   there is no file, or when reading it would say what is wrong
 */
export function signatureOf(path: string): string | null {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true })
    return `${mtimeNs}:${size}:${ino}`
  } catch {
    return null
  }
}

export interface WriteOptions {
  /** By default readable by its user alone. */
  mode?: number
  /** false for content that may be lost in a power cut: then nothing waits for the disk. */
  sync?: boolean
}

/**
 * Replaces a file completely or not at all: the old content stays until the new is complete and on the disk.
 *
 * @param path absolute; its folder is created if missing
 * @throws OperationError INTERNAL with a sentence if the disk refuses the write; nothing is left behind then
 */
export function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, sync = true }: WriteOptions = {},
): void {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    removeAbandoned(path)
    writeNewFile(temporary, content, mode, sync)
    replaceFile(temporary, path)
    if (sync) syncFolder(dirname(path))
  } catch (error) {
    removeQuietly(temporary)
    throw fileError(path, error) ?? error
  }
}

/** How often and how long Windows is asked again, in all for about a second. */
const TRIES = 20
const PAUSE_MS = 50

/**
 * A rename over a file. Windows refuses it for as long as another program, such as a virus scanner, has one of the two
 * open.
 */
function replaceFile(from: string, to: string): void {
  for (let tries = 1; ; tries++) {
    try {
      renameSync(from, to)
      return
    } catch (error) {
      const mayEnd = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))
      if (!mayEnd || tries === TRIES) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}

function writeNewFile(path: string, content: string | Uint8Array, mode: number, sync: boolean): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const fd = openSync(path, 'wx', mode)
  try {
    writeFully(fd, bytes)
    if (sync) fsyncSync(fd)
    const { size } = fstatSync(fd)
    if (size !== bytes.length) throw new Error(`only ${size} of ${bytes.length} bytes were written`)
  } finally {
    closeSync(fd)
  }
  // The mode of an open is narrowed by the umask.
  if (mode !== 0o600) chmodSync(path, mode)
}

/** Paths already searched for abandoned temporary files: once per process is enough. */
const swept = new Set<string>()

/** Removes the temporary files of processes that died while they wrote this file. */
function removeAbandoned(path: string): void {
  if (swept.has(path)) return
  swept.add(path)
  const prefix = `${basename(path)}.`
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix)) continue
    const pid = /^(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length))?.[1]
    if (pid !== undefined && !isProcess(Number(pid))) removeQuietly(join(dirname(path), name))
  }
}

/** @returns whether there is a process of that id, ours or another user's */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

function removeQuietly(path: string): void {
  try {
    removeFile(path)
  } catch {
    // A disk that has just failed may fail again; the first error is the one to report.
  }
}

/** @returns the code of an error of Node or SQLite, empty where there is none */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/**
 * @param path of the file to be written
 * @param error the thrown error
 * @returns the error for a person if the disk or its permissions are at fault, else null
 */
export function fileError(path: string, error: unknown): OperationError | null {
  const words = systemTrouble(error)
  if (words === undefined || !(error instanceof Error)) return null
  return new OperationError(
    'INTERNAL',
    `${path} could not be written: ${words} (${error.message}). Nothing was changed; fix that and try again.`,
    { path },
    { cause: error },
  )
}

/** In bytes; a worker can write in the home as well. */
const LARGEST_READ = 64 * 1024 * 1024

/** @returns the file's text, or null if it does not exist; the user may have linked it elsewhere */
export function readFileIfThere(path: string): string | null {
  try {
    return readRegular(path, LARGEST_READ, { follow: true }).toString('utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** @returns whether an error of node:fs says that the file, or a folder on its way, does not exist */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error))
}

/** Removes a file, if it exists. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
