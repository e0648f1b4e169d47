import type { Task, TaskStatus } from '../../contract/index.ts'
import { failRun, type Failure, type FailurePolicy } from '../lifecycle/fail.ts'
import { type Moved, getTask } from '../lifecycle/moved.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { Setup } from './setup.ts'

/** Creates a task in `status`, by the verbs that lead there. */
export async function taskIn(bundle: Setup, status: TaskStatus, fields: Fields = {}): Promise<Task> {
  const { create, task } = bundle
  const { id } = await (status === 'triage'
    ? create({ ...fields, triage: true })
    : status === 'todo'
      ? create({ ...fields, parents: [(await create('An open parent')).id] })
      : create(fields))
  await lead(bundle, id, status)
  return task(id)
}

type Fields = Parameters<Setup['create']>[0] extends infer G | undefined ? Exclude<G, string> : never

async function lead({ call, claim }: Setup, id: string, status: TaskStatus): Promise<void> {
  switch (status) {
    case 'triage':
    case 'todo':
    case 'ready':
      return
    case 'running':
      await claim(id)
      return
    case 'review': {
      const { worker } = await claim(id)
      await call('task.request_review', { id, summary: 'Please look' }, worker)
      return
    }
    case 'blocked':
      await call('task.block', { id, reason: 'Which one?' })
      return
    case 'done':
      await call('task.complete', { id })
      return
    case 'archived':
      await call('task.archive', { id })
  }
}

/** A plain policy: default limits, no waiting. */
export const PLAIN_POLICY: FailurePolicy = {
  profile_limit: null,
  board_limit: null,
  backoff_seconds: 0,
  random: () => 0.5,
}

export const CRASH: Failure = {
  outcome: 'crashed',
  error: 'It exited with 1.',
  exit: { exit_code: 1, signal: null },
}

/** Ends the open run of a task as the dispatcher does when its process is gone. */
export function failOpenRun(
  { write }: Setup,
  id: string,
  failure: Partial<Failure> = {},
  policy: Partial<FailurePolicy> = {},
): Moved {
  return write((tx) => {
    const { task, run } = openRun(tx, id)
    return failRun(tx, task, run, { ...CRASH, ...failure }, { ...PLAIN_POLICY, ...policy })
  })
}

/** @returns a running task with its open run, as the dispatcher reads them before it ends the run */
export function openRun(tx: WriteTx, id: string): { task: TaskRow; run: RunRow } {
  const task = getTask(tx, id)
  const run = task.current_run_id === null ? undefined : tx.get(taskRuns.byId, { id: task.current_run_id })
  if (run === undefined) throw new Error(`task ${id} has no open run`)
  return { task, run }
}
