import { isSatisfied } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { workspaceOwner } from '../board/gates.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as runHistory from '../tables/run-history.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { workOf } from '../board/task-work.ts'
import { countUncommitted } from '../workers/changes/read-changes.ts'
import { isAncestor } from '../workers/git/git-refs.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'

/** With more parents than this, asking git would take seconds. */
const MOST_PARENTS = 20

/**
 * Names finished parents whose work is missing from a task's worktree: the work is not merged, and the commit that
 * the worktree starts from does not contain it.
 *
 * @returns a sentence for each parent; none for a task that is finished, shares a workspace or has no worktree
 */
export async function missingWork(board: Board, task: TaskRow): Promise<string[]> {
  const { read } = board.connection
  const isAhead = task.status === 'todo' || task.status === 'ready'
  if (!isAhead && task.status !== 'running') return []
  if (task.workspace_kind !== 'worktree' || task.workspace_of !== null) return []
  const parents = read
    .all(taskLinks.parentsOf, { id: task.id })
    .filter(({ status }) => isSatisfied(status))
    .map(({ id }) => read.get(tasks.byId, { id }))
    .filter((parent) => parent?.merge_state === 'not_merged')
    .slice(0, MOST_PARENTS)
  const start = startOf(board, task)
  const sentences: string[] = []
  for (const parent of parents) {
    if (parent === undefined || workspaceOwner(parent) === task.id) continue
    if (await isContained(board, parent, start)) continue
    const when = isAhead ? 'would start' : 'started'
    sentences.push(
      `${parent.id} “${parent.title}” is done, and its work is not merged: the worktree of ${task.id} ${when} without it. “runboard merge ${parent.id}” merges it.`,
    )
  }
  return sentences
}

/** The commit that the worktree starts from: as recorded at the first attempt, before that as the task asks. */
function startOf(board: Board, task: TaskRow): string {
  const recorded = board.connection.read.get(runHistory.startOfWork, { owner: task.id })
  return recorded?.commit ?? task.base_ref ?? 'HEAD'
}

/** Whether a commit contains all work of a parent; false if we cannot tell, as after its branch was deleted. */
async function isContained(board: Board, parent: TaskRow, start: string): Promise<boolean> {
  try {
    const { head, repository, worktree } = await workOf(board, parent)
    if (worktree !== null && (await countUncommitted(worktree)) > 0) return false
    return await isAncestor(repository, head, start)
  } catch (error) {
    if (error instanceof WorkerSetupError) return false
    throw error
  }
}
