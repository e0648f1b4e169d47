import { randomUUID } from 'node:crypto'
import { BLANK_TASK, type Task } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'

/** What a creator chooses; other properties, of an operation's input, are left out. */
export type NewTask = Pick<Task, 'title'> &
  Partial<typeof BLANK_TASK> & {
    /** The task is only an idea. */
    triage?: boolean
    /** One of its parents is open. */
    waits?: boolean
  }

const COLUMNS = Object.keys(BLANK_TASK) as (keyof typeof BLANK_TASK)[]

/** Inserts a task in its first column: triage, todo while a parent is open, else ready. */
export function insertNewTask(tx: WriteTx, task: NewTask): TaskRow {
  const status = task.triage === true ? 'triage' : task.waits === true ? 'todo' : 'ready'
  const chosen = COLUMNS.filter((column) => task[column] !== undefined)
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
  const stored = tasks.toTaskRow(row, null)
  tx.run(tasks.insert, stored)
  return stored
}

/**
 * `t_` and eight hexadecimal digits that no task of the board has. (A UUID begins with random digits, and Node draws
 * it from a cache.)
 */
function freshId(tx: WriteTx): string {
  for (;;) {
    const id = `t_${randomUUID().slice(0, 8)}`
    if (tx.get(tasks.statusOf, { id }) === undefined) return id
  }
}
