import { ATTACHMENT_LIMITS, OperationError } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskAttachments from '../tables/task-attachments.ts'
import type { AttachmentRow } from '../tables/task-attachments.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { writeEvent } from './write-event.ts'

type NewFile = Pick<AttachmentRow, 'name' | 'media_type' | 'size_bytes' | 'sha256'>

/**
 * Records files that are in the board's folder as attachments of a task.
 *
 * @param runId the run that hands them over; null when a person gives them to the task
 * @throws OperationError CONFLICT when the task would have too many
 */
export function attachFiles(
  tx: WriteTx,
  task: TaskRow,
  files: readonly NewFile[],
  runId: number | null,
): AttachmentRow[] {
  if (files.length === 0) return []
  const known = tx.all(taskAttachments.ofTask, { task_id: task.id })
  if (known.length + files.length > ATTACHMENT_LIMITS.perTask) {
    const why = `Task ${task.id} can have at most ${ATTACHMENT_LIMITS.perTask} attachments and has ${known.length}.`
    throw new OperationError('CONFLICT', why, { id: task.id })
  }
  return files.map(({ name, media_type, size_bytes, sha256 }) => {
    const row = tx.returning(taskAttachments.insert, {
      task_id: task.id,
      run_id: runId,
      name,
      media_type,
      size_bytes,
      sha256,
      added_by: tx.actor,
      created_at: tx.now,
    })
    if (row === undefined) throw new Error('an attachment was not inserted')
    writeEvent(tx, 'attached', task.id, null, { attachment_id: row.id, name, size_bytes, by_run: runId })
    return row
  })
}
