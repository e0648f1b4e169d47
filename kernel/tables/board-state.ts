import { statement } from '../db/statement.ts'

/**
 * `folder`: the board's folder when its file was last opened; absolute paths below it belong to that folder.
 * `board_id`: identifies this board; its backups have it too. `unaccepted`: the board came from outside, and no
 * person has accepted yet what it would run. `inbox_seen`: the newest event that a person has seen; `inbox_seen/TASK`: the
 * same for one task, if it differs.
 */
export type BoardStateKey =
  'paused' | 'inbox_seen' | `inbox_seen/${string}` | 'folder' | 'board_id' | 'unaccepted'

export const get = statement<{ key: BoardStateKey }, { value: string }>(
  'SELECT value FROM board_state WHERE key = :key',
)

export const set = statement<{ key: BoardStateKey; value: string; now: number }>(`
  INSERT INTO board_state (key, value, updated_at) VALUES (:key, :value, :now)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`)

/**
 * Deletes the marks of single tasks up to `until`, which the mark of the board covers. The range ends before `inbox_seen0`,
 * because `0` is the character after `/`.
 */
export const forgetSeenTasks = statement<{ until: number }>(`
  DELETE FROM board_state
  WHERE key >= 'inbox_seen/' AND key < 'inbox_seen0' AND CAST(value AS INTEGER) <= :until`)
