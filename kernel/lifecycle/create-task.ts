import { randomUUID } from 'node:crypto'
import { BLANK_TASK, type Task } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'

/** The columns of a new task that its creator may choose. */
const CHOSEN = [
  'body',
  'assignee',
  'priority',
  'tenant',
  'not_before_at',
  'held',
  'workspace_kind',
  'workspace_path',
  'workspace_of',
  'branch',
  'base_ref',
  'idempotency_key',
  'max_runtime_seconds',
  'max_retries',
  'skills',
  'model',
  'verify_command',
  'workflow_template_id',
  'current_step_key',
  'plan_of',
] as const satisfies readonly (keyof Task)[]

export type NewTask = Pick<Task, 'title'> &
  Partial<Pick<Task, (typeof CHOSEN)[number]>> & {
    /** The task is only an idea. */
    triage?: boolean
    /** One of its parents is open. */
    waits?: boolean
  }

/** Inserts a task in its first column: triage, todo while a parent is open, else ready. */
export function insertNewTask(tx: WriteTx, task: NewTask): TaskRow {
  const status = task.triage === true ? 'triage' : task.waits === true ? 'todo' : 'ready'
  const chosen = CHOSEN.filter((column) => task[column] !== undefined)
  const row: Task = {
    ...BLANK_TASK,
    ...Object.fromEntries(chosen.map((column) => [column, task[column]])),
    id: freshId(tx),
    title: task.title,
    status,
    created_by: tx.actor,
    created_at: tx.now,
    updated_at: tx.now,
    ready_at: status === 'ready' ? tx.now : null,
  }
  const inserted = tx.returning(tasks.insert, tasks.toTaskRow(row, null))
  if (inserted === undefined) throw new Error('a task was not inserted')
  return inserted
}

/**
 * `t_` and eight hexadecimal digits that no task of the board has. (A UUID begins with random digits, and Node draws
 * it from a cache.)
 */
function freshId(tx: WriteTx): string {
  for (;;) {
    const id = `t_${randomUUID().slice(0, 8)}`
    if (tx.get(tasks.byId, { id }) === undefined) return id
  }
}
