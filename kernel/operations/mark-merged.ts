import { OperationError } from '../../contract/index.ts'
import { getTask } from '../lifecycle/moved.ts'
import { type MergeRecord, recordMerge, recordNotMerged } from '../lifecycle/merge.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { projectOf } from '../board/task-project.ts'
import { hasWorktree, workOf } from '../board/task-work.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { knownCommit } from '../workers/git/git-refs.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { BoardContext } from './handler.ts'
import { refuseAtWork } from './merging.ts'

interface Mark {
  id: string
  commit: string | null
  into: string | null
  merged: boolean
}

/**
 * Records a person's statement that the work of a task is merged, or that it is not. For merges that git does not
 * show, such as an edited squash.
 */
export async function markMerged(context: BoardContext, mark: Mark): Promise<TaskRow> {
  const { id } = mark
  const task = requireTask(context.read, id)
  if (!hasWorktree(context.board, task)) {
    throw new OperationError('CONFLICT', `Task ${id} has no worktree, so it has nothing to merge.`, { id })
  }
  refuseAtWork(context, task, 'marked')
  const record = mark.merged ? await recordOf(context, task, mark) : null
  return context.write((tx) => {
    const now = requireTask(tx, id)
    if (record === null) recordNotMerged(tx, now)
    else recordMerge(tx, now, record, 'marked')
    return getTask(tx, id)
  })
}

/** @throws OperationError CONFLICT for a commit that is missing from the repository */
async function recordOf(context: BoardContext, task: TaskRow, mark: Mark): Promise<MergeRecord> {
  const work = await workOf(context.board, task).catch((error: unknown) => {
    // The branch may be gone: often that is why a person has to mark the task.
    if (error instanceof WorkerSetupError) return null
    throw error
  })
  const repository = work?.repository ?? projectOf(context.board, task)
  const commit =
    mark.commit === null || repository === null ? null : await knownCommit(repository, mark.commit)
  if (mark.commit !== null && commit === null) {
    const where = repository === null ? 'There is no project folder' : `The repository in ${repository}`
    throw new OperationError('CONFLICT', `${where} has no commit ${mark.commit}.`, { id: task.id })
  }
  return {
    into: mark.into ?? work?.target?.name ?? null,
    commit,
    base: work?.base ?? null,
    head: work?.head ?? null,
    at: context.services.clock(),
    by: context.caller.actor,
  }
}
