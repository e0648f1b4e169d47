import { OperationError } from '../../contract/index.ts'
import type { Board } from './board.ts'
import { projectOf } from './task-project.ts'
import type { SeenWork } from '../lifecycle/merge.ts'
import { ownerOfWorkspace, trustFileOf } from './own-workspace.ts'
import * as runHistory from '../tables/run-history.ts'
import * as taskEvents from '../tables/task-events.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { lookAtMerge } from '../workers/changes/merge-state.ts'
import { locateWork, type RevertedMerge, type Work } from '../workers/changes/locate-work.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'

/** Whether a task works in a worktree, its own or a shared one. */
export function hasWorktree(board: Board, task: TaskRow): boolean {
  return ownerOfWorkspace(board.connection.read, task).workspace_kind === 'worktree'
}

/**
 * @param into the branch that a person chose to merge into; null: the one that the work started from
 * @throws WorkerSetupError if git has no work of the task, OperationError CONFLICT for a task without a worktree
 */
export async function workOf(board: Board, task: TaskRow, into: string | null = null): Promise<Work> {
  const owner = ownerOfWorkspace(board.connection.read, task)
  if (owner.workspace_kind !== 'worktree') {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} works in a ${owner.workspace_kind === 'dir' ? 'folder of yours' : 'scratch folder'}; only a worktree has a diff.`,
      { id: task.id, workspace_kind: owner.workspace_kind },
    )
  }
  const project_dir = projectOf(board, owner)
  return locateWork({
    task_id: owner.id,
    path: owner.workspace_path,
    project_dir,
    workspaces_dir: board.workspacesFolder,
    trust_file: trustFileOf(board, project_dir),
    branch: owner.branch,
    base_ref: owner.base_ref,
    started_from: board.connection.read.get(runHistory.startOfWork, { owner: owner.id }) ?? null,
    into,
    reverted: revertOf(board, owner),
  })
}

/** @returns the merge that was reverted, if no merge has followed; else null */
function revertOf(board: Board, { id }: TaskRow): RevertedMerge | null {
  const event = board.connection.read.get(taskEvents.newestMergeEvent, { task_id: id })
  if (event?.kind !== 'merge_reverted' || event.payload === null) return null
  const { base } = JSON.parse(event.payload) as { base?: unknown }
  return typeof base === 'string' ? { base } : null
}

/**
 * Asks git for the state of a task's work.
 *
 * @returns null if there is nothing to examine: no worktree, no branch any more, or no git
 */
export async function seeWork(
  board: Board,
  task: TaskRow,
  into: string | null = null,
): Promise<SeenWork | null> {
  if (!hasWorktree(board, task)) return null
  try {
    const work = await workOf(board, task, into)
    return { ...(await lookAtMerge(work)), head: work.head }
  } catch (error) {
    if (error instanceof WorkerSetupError) return null
    throw error
  }
}

/**
 * A folder of the repository that has a task's commits, also when its worktree and its branch are gone.
 *
 * @throws WorkerSetupError without a repository, OperationError CONFLICT for a task without a worktree
 */
export async function repositoryOf(board: Board, task: TaskRow): Promise<string> {
  const project = projectOf(board, task)
  return hasWorktree(board, task) && project !== null ? project : (await workOf(board, task)).repository
}
