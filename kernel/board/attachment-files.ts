import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import { type Attachment, ATTACHMENT_LIMITS, OperationError } from '../../contract/index.ts'
import { fileError, removeFile, writeFileAtomic } from '../home/files.ts'
import { expandHome } from '../home/home-path.ts'
import { NotRegularFileError, readRegular } from '../home/regular-file.ts'
import type { AttachmentRow } from '../tables/task-attachments.ts'
import type { Board } from './board.ts'
import { safeFileName } from './file-name.ts'
import { mediaTypeOf, SNIFFED_BYTES } from './media-type.ts'

/** Files as a caller gives them. */
export interface GivenFiles {
  /** Absolute paths. */
  attach: readonly string[]
  /** Names, and bytes as base64. */
  attachments: readonly { name: string; content: string }[]
}

/** A file in the board's folder that no row names yet. */
export interface SavedFile extends Pick<AttachmentRow, 'name' | 'media_type' | 'size_bytes' | 'sha256'> {
  /** Removes the file again, if it was not there before. */
  discard: () => void
}

/**
 * Copies files into the board's folder. The rows that name them are written afterwards, in one transaction with what they
 * belong to; if that fails, the caller discards the files.
 *
 * @throws OperationError INVALID_INPUT for a file that cannot be read or is too large; nothing is kept then
 */
export function saveFiles(board: Board, given: GivenFiles): SavedFile[] {
  const saved: SavedFile[] = []
  try {
    for (const path of given.attach) saved.push(save(board, basename(path), readGiven(path)))
    for (const { name, content } of given.attachments)
      saved.push(save(board, name, Buffer.from(content, 'base64')))
    return saved
  } catch (error) {
    for (const file of saved) file.discard()
    throw error
  }
}

function readGiven(given: string): Buffer {
  const path = expandHome(given)
  if (!isAbsolute(path)) throw refused(path, 'is not an absolute path')
  try {
    // One byte more than allowed tells a larger file from one at the limit.
    return readRegular(path, ATTACHMENT_LIMITS.bytes + 1, { follow: true })
  } catch (error) {
    if (error instanceof NotRegularFileError) throw new OperationError('INVALID_INPUT', `${error.message}.`)
    throw refused(path, 'cannot be read', error)
  }
}

function refused(path: string, why: string, cause?: unknown): OperationError {
  const system = cause === undefined ? null : fileError(path, cause)
  return new OperationError(
    'INVALID_INPUT',
    system?.message ?? `The file ${path} ${why}.`,
    { path },
    { cause },
  )
}

function save(board: Board, given: string, bytes: Buffer): SavedFile {
  const name = safeFileName(given)
  if (bytes.length > ATTACHMENT_LIMITS.bytes) {
    const most = `${ATTACHMENT_LIMITS.bytes / 1024 / 1024} MB`
    throw new OperationError(
      'INVALID_INPUT',
      `${name} is larger than ${most}, the maximum for an attachment.`,
    )
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const path = attachmentPath(board, { sha256, name })
  const wasThere = existsSync(path)
  if (!wasThere) writeFileAtomic(path, bytes)
  return {
    name,
    media_type: mediaTypeOf(bytes.subarray(0, SNIFFED_BYTES)),
    size_bytes: bytes.length,
    sha256,
    discard: () => {
      if (!wasThere) removeFile(path)
    },
  }
}

/** The fields of an attachment that its file name is made of. */
type FileName = Pick<AttachmentRow, 'sha256' | 'name'>

/**
 * The digest in the name keeps files of one name apart. The same file, attached to several tasks, is there once.
 *
 * @param board only its folder is used
 */
export function attachmentPath({ folder }: Pick<Board, 'folder'>, { sha256, name }: FileName): string {
  return join(folder, 'attachments', `${sha256.slice(0, 16)}-${name}`)
}

/** @returns an attachment as callers see it */
export function presentAttachment(board: Board, row: AttachmentRow): Attachment {
  const { removed_at: _internal, ...attachment } = row
  return { ...attachment, path: attachmentPath(board, row) }
}

/** @throws OperationError CONFLICT when the file is gone or is not the one that was attached */
export function readAttachment(board: Pick<Board, 'folder'>, row: FileName): Buffer {
  const path = attachmentPath(board, row)
  const gone = (why: string, cause?: unknown) =>
    new OperationError('CONFLICT', `The attached file ${row.name} ${why}: ${path}.`, { path }, { cause })
  let bytes: Buffer
  try {
    bytes = readRegular(path, ATTACHMENT_LIMITS.bytes)
  } catch (error) {
    throw gone('cannot be read', error)
  }
  if (createHash('sha256').update(bytes).digest('hex') !== row.sha256)
    throw gone('has changed since it was attached')
  return bytes
}

/** Moves the file of a removed attachment to the board's trash. A missing file is ignored. */
export function trashAttachment(board: Board, row: AttachmentRow, now: number): void {
  const path = attachmentPath(board, row)
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return
  mkdirSync(board.trashFolder, { recursive: true, mode: 0o700 })
  renameSync(path, join(board.trashFolder, `${row.task_id}-${now}-${row.name}`))
}
