import { statement } from '../db/statement.ts'

/** A row of `messages`, with whether its run is open. */
export interface MessageRow {
  id: number
  task_id: string
  run_id: number | null
  body: string
  interrupt: 0 | 1
  told_by: string
  told_at: number
  delivered_at: number | null
  delivered_how: string | null
  is_open: 0 | 1
}

const COLUMNS =
  'message.id, message.task_id, message.run_id, message.body, message.interrupt, message.told_by, message.told_at, message.delivered_at, message.delivered_how'

const select = `
  SELECT ${COLUMNS}, run.id IS NOT NULL AS is_open FROM messages AS message
  LEFT JOIN task_runs AS run ON run.id = message.run_id AND run.ended_at IS NULL`

export const byId = statement<{ id: number }, MessageRow>(`${select} WHERE message.id = :id`)

export const ofTask = statement<{ task_id: string; since: number; limit: number }, MessageRow>(
  `${select} WHERE message.task_id = :task_id AND message.id > :since ORDER BY message.id LIMIT :limit`,
)

/** The messages that the open run of a task has not taken yet. */
export const queuedOf = statement<{ task_id: string; since: number; limit: number }, MessageRow>(`
  ${select} WHERE message.task_id = :task_id AND message.id > :since AND message.delivered_at IS NULL
    AND run.id IS NOT NULL ORDER BY message.id LIMIT :limit`)

/** The messages that no run has taken, the newest first: for the context of the next attempt. */
export const undelivered = statement<{ task_id: string; limit: number }, MessageRow>(`
  ${select} WHERE message.task_id = :task_id AND message.delivered_at IS NULL ORDER BY message.id DESC LIMIT :limit`)

/** The messages that a run has taken, the newest first. */
export const delivered = statement<{ task_id: string; limit: number }, MessageRow>(`
  ${select} WHERE message.task_id = :task_id AND message.delivered_at IS NOT NULL ORDER BY message.id DESC LIMIT :limit`)

export const insert = statement<
  Pick<MessageRow, 'task_id' | 'run_id' | 'body' | 'interrupt' | 'told_by'> & { now: number },
  { id: number }
>(`
  INSERT INTO messages (task_id, run_id, body, interrupt, told_by, told_at)
  VALUES (:task_id, :run_id, :body, :interrupt, :told_by, :now) RETURNING id`)

/** Zero rows when a run has taken it already. */
export const deliver = statement<{ id: number; run_id: number; now: number; how: string }, { id: number }>(`
  UPDATE messages SET delivered_at = max(:now, told_at), delivered_how = :how
  WHERE id = :id AND run_id = :run_id AND delivered_at IS NULL RETURNING id`)
