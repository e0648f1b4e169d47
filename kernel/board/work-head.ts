import { existsSync } from 'node:fs'
import type { Board } from './board.ts'
import { workspaceOwner } from './gates.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { snapshotOf } from '../workers/changes/review-snapshot.ts'
import { countUncommitted } from '../workers/changes/read-changes.ts'
import { knownCommit } from '../workers/git/git-refs.ts'
import { askGit } from '../workers/git/git.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'

/** More uncommitted files in a folder of the user's are not copied into its repository at the end of each step. */
const MOST_FILES = 2_000

/**
 * @returns the commit that stands for a task's work as it is: that of its workspace, or one made of it where files are
 *   not committed; null without git, or before the workspace exists
 */
export async function workHead(board: Board, task: TaskRow): Promise<string | null> {
  const owner = board.connection.read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  const path = owner.workspace_path
  // The folder may have been removed by hand.
  if (owner.workspace_kind === 'scratch' || path === null || !existsSync(path)) return null
  const head = await knownCommit(path, 'HEAD')
  if (head === null) return null
  try {
    // A folder of the user's may hold anything, and its repository more than the task's work.
    const below = owner.workspace_kind === 'dir'
    if (below && (await countUncommitted(path, { below })) > MOST_FILES) return head
    return await snapshotOf({ worktree: path, head }, { below })
  } catch (error) {
    // Files that git cannot read, or too many of them: what is committed still counts.
    if (error instanceof WorkerSetupError) return head
    throw error
  }
}

/** Whether two commits, as `workHead` gives them, have the same files: what was only committed since has not changed. */
export async function isSameWork(folder: string, one: string, other: string): Promise<boolean> {
  if (one === other) return true
  const [a, b] = await Promise.all(
    [one, other].map((commit) => askGit(folder, ['rev-parse', '--verify', '--quiet', `${commit}^{tree}`])),
  )
  return a != null && a !== '' && a === b
}
