import type { BoardExport, ExportedAttachment } from '../../contract/index.ts'
import { attachmentPath } from '../board/attachment-files.ts'
import { writeFileAtomic } from '../home/files.ts'

/**
 * Writes the files of imported attachments into the folder of the new board, and takes those without a file off the list.
 *
 * @param board checked: names are safe, and digests fit
 * @returns one sentence about the files that the export did not contain
 */
export function writeAttachments(board: BoardExport, folder: string): string[] {
  const missing = board.attachments.filter(({ content }) => content === null)
  board.attachments = board.attachments.filter(({ content }) => content !== null)
  for (const file of board.attachments) {
    writeFileAtomic(attachmentPath({ folder }, file), Buffer.from(file.content ?? '', 'base64'))
  }
  return missing.length === 0 ? [] : [missingWords(missing)]
}

function missingWords(missing: readonly ExportedAttachment[]): string {
  const names = missing.slice(0, 3).map(({ name, task_id }) => `${name} of ${task_id}`)
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : ''
  return `The file does not contain ${names.join(', ')}${more}: they were missing or changed when the board was exported.`
}
