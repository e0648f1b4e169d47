import { OperationError } from '../../contract/index.ts'
import {
  type GivenFiles,
  presentAttachment,
  readAttachment,
  type SavedFile,
  saveFiles,
  trashAttachment,
} from '../board/attachment-files.ts'
import { presentTask } from '../board/present.ts'
import type { Reader } from '../db/connection.ts'
import { attachFiles } from '../lifecycle/attach.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import * as taskAttachments from '../tables/task-attachments.ts'
import type { AttachmentRow } from '../tables/task-attachments.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'

export const attachmentHandlers = {
  'attachment.add': async (context, { id, attach, attachments }) => {
    const { board, worker } = context
    requireTask(context.read, id)
    if (attach.length + attachments.length === 0)
      throw new OperationError('INVALID_INPUT', 'Pass a file to attach.')
    return withFiles(context, { attach, attachments }, (files) =>
      context.write((tx) => {
        const task = requireTask(tx, id)
        const rows = attachFiles(tx, task, files, worker?.run_id ?? null)
        return { task: presentTask(task), attachments: rows.map((row) => presentAttachment(board, row)) }
      }),
    )
  },

  'attachment.list': ({ board, read }, { id }) => {
    requireTask(read, id)
    const rows = read.all(taskAttachments.ofTask, { task_id: id })
    return { attachments: rows.map((row) => presentAttachment(board, row)) }
  },

  'attachment.read': ({ board, read }, { attachment_id }) => {
    const row = requireAttachment(read, attachment_id)
    return {
      attachment: presentAttachment(board, row),
      content: readAttachment(board, row).toString('base64'),
    }
  },

  'attachment.remove': async ({ board, read, services, write }, { attachment_id }) => {
    const row = requireAttachment(read, attachment_id)
    const task = await write((tx) => {
      tx.returning(taskAttachments.remove, { id: row.id, now: tx.now })
      writeEvent(tx, 'detached', row.task_id, null, { attachment_id: row.id, name: row.name })
      return requireTask(tx, row.task_id)
    })
    const { sha256, name } = row
    if (read.get(taskAttachments.usesOf, { sha256, name })?.uses === 0)
      trashAttachment(board, row, services.clock())
    return { task: presentTask(task), attachment: presentAttachment(board, row) }
  },
} satisfies Partial<BoardHandlers>

function requireAttachment(read: Reader, id: number): AttachmentRow {
  const row = read.get(taskAttachments.byId, { id })
  if (row === undefined)
    throw new OperationError('NOT_FOUND', `Attachment ${id} not found on board “${read.boardSlug}”.`, { id })
  return row
}

/** Saves files, and discards them again if what records them fails. */
export async function withFiles<T>(
  { board }: BoardContext,
  given: GivenFiles,
  record: (files: readonly SavedFile[]) => Promise<T>,
): Promise<T> {
  const files = saveFiles(board, given)
  try {
    return await record(files)
  } catch (error) {
    for (const file of files) file.discard()
    throw error
  }
}
