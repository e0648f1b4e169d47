import { isSatisfied, type Message, OperationError } from '../../contract/index.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import { firstLine, writeEvent } from '../lifecycle/write-event.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as messages from '../tables/messages.ts'
import type { MessageRow } from '../tables/messages.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { withWarnings } from './warnings.ts'

export const messageHandlers = {
  'message.tell': async (context, { id, body, interrupt }) => {
    const told = await context.write((tx) => tell(tx, requireTask(tx, id), body, interrupt))
    return { message: presentMessage(told), ...withWarnings(whyNotLive(context, told)) }
  },

  'message.list': ({ read }, { id, since, queued, limit }) => {
    requireTask(read, id)
    const rows = read.all(queued ? messages.queuedOf : messages.ofTask, { task_id: id, since, limit })
    return { messages: rows.map(presentMessage) }
  },

  'message.deliver': async (context, { id, message_id, how }) => {
    const row = await context.write((tx) => deliver(tx, requireTask(tx, id), message_id, how))
    return { message: presentMessage(row) }
  },
} satisfies Partial<BoardHandlers>

function tell(tx: WriteTx, task: TaskRow, body: string, interrupt: boolean): MessageRow {
  if (isSatisfied(task.status)) {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is ${task.status}: it has no worker, and no next attempt. Reopen it with a note, or comment on it.`,
      { id: task.id, status: task.status },
    )
  }
  const run_id = task.current_run_id
  const fields = { task_id: task.id, run_id, body, interrupt: interrupt ? 1 : 0, told_by: tx.actor } as const
  const made = tx.returning(messages.insert, { ...fields, now: tx.now })
  if (made === undefined) throw new Error('a message was not inserted')
  writeEvent(tx, 'message_told', task.id, run_id, { message_id: made.id, text: firstLine(body) })
  return requireMessage(tx, made.id)
}

/**
 * A worker that does not know whether its call was recorded makes it again: what the run has, it has once.
 *
 * @throws OperationError CONFLICT for a message that an earlier run has, or that was not sent to the open run
 */
function deliver(tx: WriteTx, task: TaskRow, id: number, how: string): MessageRow {
  const row = tx.get(messages.byId, { id })
  if (row === undefined || row.task_id !== task.id) {
    throw new OperationError('NOT_FOUND', `Message ${id} of task ${task.id} not found.`, { message_id: id })
  }
  const run_id = task.current_run_id
  if (row.delivered_at !== null && row.run_id === run_id) return row
  const done = run_id === null ? undefined : tx.returning(messages.deliver, { id, run_id, now: tx.now, how })
  if (done === undefined) {
    const why = row.delivered_at === null ? 'it was not sent to the open run' : 'an earlier run has it'
    throw new OperationError('CONFLICT', `Message ${id} was not marked as delivered: ${why}.`, {
      message_id: id,
    })
  }
  writeEvent(tx, 'message_delivered', task.id, run_id, { message_id: id, how })
  return requireMessage(tx, id)
}

/** @returns a warning when the worker takes no messages while it runs, so that the person does not wait for an effect */
function whyNotLive({ services, read }: BoardContext, { run_id }: MessageRow): string[] {
  if (run_id === null) return ['No attempt is running: the next one reads it in its context.']
  const profile = read.get(taskRuns.byId, { id: run_id })?.profile ?? ''
  const isLive = services.config.readOrDefaults().profiles.get(profile)?.driver === 'acp'
  return isLive
    ? []
    : ['This worker takes no messages while it runs: the next attempt reads it in its context.']
}

function requireMessage(read: Reader, id: number): MessageRow {
  const row = read.get(messages.byId, { id })
  if (row === undefined) throw new Error(`message ${id} is gone`)
  return row
}

function presentMessage({ is_open, interrupt, ...row }: MessageRow): Message {
  const state = row.delivered_at !== null ? 'delivered' : is_open === 1 ? 'queued' : 'next_attempt'
  return { ...row, interrupt: interrupt === 1, state }
}
