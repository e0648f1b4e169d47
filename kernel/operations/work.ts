import { OperationError } from '../../contract/index.ts'
import { workspaceOwner } from '../gates.ts'
import { approveTask, type Moved, reread } from '../lifecycle/finish.ts'
import { archiveTask } from '../lifecycle/shelve.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { WriteTx } from '../db/connection.ts'
import { presentTask } from '../present.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { discardWork } from '../workers/changes/discard-work.ts'
import { locateWork, type Work } from '../workers/changes/locate-work.ts'
import { mergeWork, whyNotMerge } from '../workers/changes/merge-work.ts'
import { readChanges } from '../workers/changes/read-changes.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { answer } from './tasks.ts'

export const workHandlers: BoardHandlers<'task.diff' | 'task.merge' | 'task.discard'> = {
  'task.diff': (context, { id, into }) =>
    refusingInSentences(id, async () => {
      const work = await workOf(context, requireTask(context.read, id), into)
      return {
        branch: work.branch,
        base: work.base,
        head: work.head,
        worktree: work.worktree,
        into: work.target?.name ?? null,
        merge_refusal: await whyNotMerge(work),
        ...(await readChanges(work)),
      }
    }),

  'task.merge': async (context, { id, into, message }) => {
    const task = requireTask(context.read, id)
    refuseAtWork(context, task, 'merged')
    const merged = await refusingInSentences(id, async () =>
      mergeWork(await workOf(context, task, into), message ?? `${task.title} (${id})`),
    )
    const moved = await context.write((tx) => noteMerge(tx, id, merged))
    return { ...answer(context, moved.task, moved.run), ...merged }
  },

  'task.discard': async (context, { id }) => {
    const task = requireTask(context.read, id)
    refuseAtWork(context, task, 'discarded')
    refuseShared(context, task)
    const discarded = await refusingInSentences(id, async () =>
      discardWork(await workOf(context, task), {
        trash_dir: context.board.trashFolder,
        now: context.services.clock,
      }),
    )
    const after = await context.write((tx) => {
      writeEvent(tx, 'discarded', id, null, { ...discarded })
      const now = requireTask(tx, id)
      return now.status === 'running' || now.status === 'archived' ? now : archiveTask(tx, now).task
    })
    return { task: presentTask(after), ...discarded }
  },
}

/** What git refuses is the caller's to know, not a failure of ours. */
async function refusingInSentences<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof WorkerSetupError)) throw error
    throw new OperationError('CONFLICT', error.message, { id })
  }
}

/** @throws WorkerSetupError, OperationError CONFLICT for a task without a worktree */
async function workOf(context: BoardContext, task: TaskRow, into: string | null = null): Promise<Work> {
  const owner = context.read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  if (owner.workspace_kind !== 'worktree') {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} works in a ${owner.workspace_kind === 'dir' ? 'folder of yours' : 'scratch folder'}; only a worktree has a diff.`,
      { id: task.id, workspace_kind: owner.workspace_kind },
    )
  }
  return locateWork({
    task_id: owner.id,
    path: owner.workspace_path,
    project_dir: context.board.settings().project_dir,
    branch: owner.branch,
    base_ref: owner.base_ref,
    started_from: context.read.get(taskRuns.startOfWork, { owner: owner.id }) ?? null,
    into,
  })
}

/** While a worker is in the folder, nobody else changes it. */
function refuseAtWork({ read }: BoardContext, task: TaskRow, what: string): void {
  const inIt = read.all(tasks.sharingWorkspace, { owner: workspaceOwner(task) })
  const running = inIt.find(({ status }) => status === 'running')
  if (running === undefined) return
  throw new OperationError(
    'CONFLICT',
    `Task ${running.id} is running in this worktree; its work can be ${what} when its run is over.`,
    { id: task.id, running: running.id },
  )
}

function refuseShared({ read }: BoardContext, task: TaskRow): void {
  const others = read
    .all(tasks.sharingWorkspace, { owner: workspaceOwner(task) })
    .filter(({ id, status }) => id !== task.id && status !== 'done' && status !== 'archived')
  if (others.length === 0) return
  const ids = others.map(({ id }) => id)
  throw new OperationError(
    'CONFLICT',
    `The worktree of task ${task.id} is shared with ${ids.slice(0, 5).join(', ')}, which ${ids.length === 1 ? 'is' : 'are'} not finished.`,
    { id: task.id, shared_with: ids },
  )
}

/** What a person merges is accepted. */
function noteMerge(tx: WriteTx, id: string, merged: { into: string; commit: string }): Moved {
  writeEvent(tx, 'merged', id, null, merged)
  const task = requireTask(tx, id)
  if (task.status === 'review') return approveTask(tx, task, `Merged into ${merged.into}`)
  return { task: reread(tx, id), run: null }
}
