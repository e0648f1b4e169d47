import type { Attachment } from '../../../contract/index.ts'
import type { Printer } from './printer.ts'
import { visible } from './text.ts'
import { bytes, relative } from './time.ts'

/** One line for each file: its id, type, size, origin and path. */
export function printAttachments(
  answer: { attachments: Attachment[] } | { attachment: Attachment },
  printer: Printer,
): string {
  const files = 'attachment' in answer ? [answer.attachment] : answer.attachments
  if (files.length === 0) return 'No attachments.\n'
  return files.map((file) => `${attachmentLine(file, printer)}\n`).join('')
}

/** An attachment on one line, as lists and the view of a task show it. */
export function attachmentLine(file: Attachment, { now }: Printer): string {
  const origin = file.run_id === null ? `added by ${file.added_by}` : `handed over by run ${file.run_id}`
  const facts = [file.media_type, bytes(file.size_bytes), origin, relative(file.created_at, now)]
  return visible(`${file.id}  ${file.path}  ${facts.join(', ')}`)
}
