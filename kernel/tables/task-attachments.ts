import { statement } from '../db/statement.ts'

/** A file of a task; the bytes are in the board's folder. */
export interface AttachmentRow {
  id: number
  task_id: string
  /** The run that handed it over; null when a person gave it to the task. */
  run_id: number | null
  name: string
  media_type: string
  size_bytes: number
  /** Hexadecimal digest of the bytes. */
  sha256: string
  added_by: string
  created_at: number
  removed_at: number | null
}

const columns = 'id, task_id, run_id, name, media_type, size_bytes, sha256, added_by, created_at, removed_at'

export const insert = statement<Omit<AttachmentRow, 'id' | 'removed_at'>, AttachmentRow>(`
  INSERT INTO task_attachments (task_id, run_id, name, media_type, size_bytes, sha256, added_by, created_at)
  VALUES (:task_id, :run_id, :name, :media_type, :size_bytes, :sha256, :added_by, :created_at) RETURNING ${columns}`)

export const byId = statement<{ id: number }, AttachmentRow>(
  `SELECT ${columns} FROM task_attachments WHERE id = :id AND removed_at IS NULL`,
)

export const ofTask = statement<{ task_id: string }, AttachmentRow>(
  `SELECT ${columns} FROM task_attachments WHERE task_id = :task_id AND removed_at IS NULL ORDER BY id`,
)

/** How many attachments of any task are this file. */
export const usesOf = statement<{ sha256: string; name: string }, { uses: number }>(
  'SELECT count(*) AS uses FROM task_attachments WHERE sha256 = :sha256 AND name = :name AND removed_at IS NULL',
)

/** Zero rows when it is removed already. */
export const remove = statement<{ id: number; now: number }, AttachmentRow>(`
  UPDATE task_attachments SET removed_at = :now WHERE id = :id AND removed_at IS NULL RETURNING ${columns}`)
