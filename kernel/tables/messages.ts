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

export const MESSAGE_COLUMNS = [
  ...(['id', 'task_id', 'run_id', 'body', 'interrupt'] as const),
  ...(['told_by', 'told_at', 'delivered_at', 'delivered_how'] as const),
] as const

const select = `
  SELECT ${MESSAGE_COLUMNS.map((column) => `message.${column}`).join(', ')}, run.id IS NOT NULL AS is_open FROM messages AS message
  LEFT JOIN task_runs AS run ON run.id = message.run_id AND run.ended_at IS NULL`

export const byId = statement<{ id: number }, MessageRow>(`${select} WHERE message.id = :id`)

export const ofTask = statement<{ task_id: string; since: number; limit: number }, MessageRow>(
  `${select} WHERE message.task_id = :task_id AND message.id > :since ORDER BY message.id LIMIT :limit`,
)

/** The messages that the open run of a task has not taken yet. */
export const queuedOf = statement<{ task_id: string; since: number; limit: number }, MessageRow>(`
  ${select} WHERE message.task_id = :task_id AND message.id > :since AND message.delivered_at IS NULL
    AND run.id IS NOT NULL ORDER BY message.id LIMIT :limit`)

/** How the context of a run delivers a message, in words. */
export const IN_CONTEXT = 'in its context'

/**
 * The messages for the context of a task, the newest first: those that no run has taken. Leaves out messages that wait for
 * the open run, which may still take them, but not those that its context had before: it may begin again with a new one.
 */
export const forContext = statement<
  { task_id: string; open_run_id: number | null; limit: number },
  MessageRow
>(`
  ${select} WHERE message.task_id = :task_id
    AND CASE WHEN message.run_id = :open_run_id THEN message.delivered_how = '${IN_CONTEXT}'
      ELSE message.delivered_at IS NULL END
  ORDER BY message.id DESC LIMIT :limit`)

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

/** Delivers a message by the context of a run, whichever run it was sent to. Zero rows when a run has it already. */
export const deliverInContext = statement<{ id: number; run_id: number; now: number }, { id: number }>(`
  UPDATE messages SET run_id = :run_id, delivered_at = max(:now, told_at), delivered_how = '${IN_CONTEXT}'
  WHERE id = :id AND delivered_at IS NULL RETURNING id`)

/** Takes back what the context of a run has delivered. */
export const giveBack = statement<{ run_id: number }>(`
  UPDATE messages SET delivered_at = NULL, delivered_how = NULL
  WHERE run_id = :run_id AND delivered_how = '${IN_CONTEXT}'`)
