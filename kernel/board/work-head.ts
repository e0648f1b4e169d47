import { existsSync } from 'node:fs'
import type { Board } from './board.ts'
import { workspaceOwner } from './gates.ts'
import { projectOf } from './task-project.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { snapshotOf } from '../workers/changes/review-snapshot.ts'
import { countUncommitted } from '../workers/changes/read-changes.ts'
import { branchCommit, knownCommit } from '../workers/git/git-refs.ts'
import { askGit } from '../workers/git/git.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'

/** In a folder of the user's with more uncommitted files, only committed work counts: copying them at each step is slow. */
const MOST_FILES = 2_000

/**
 * @returns the commit of a task's current work: that of its workspace, or a new one with the files that are not committed;
 *   that of its branch while the worktree does not exist; null without git, or before the work exists
 */
export async function workHead(board: Board, task: TaskRow): Promise<string | null> {
  const owner = board.connection.read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  const path = owner.workspace_path
  if (owner.workspace_kind === 'scratch') return null
  // No run has made the folder yet, as after a restart, or it was removed by hand.
  if (path === null || !existsSync(path)) return branchHead(board, owner)
  const head = await knownCommit(path, 'HEAD')
  if (head === null) return null
  try {
    // A folder of the user's may hold any number of files, and its repository files outside of the folder.
    const below = owner.workspace_kind === 'dir'
    if (below && (await countUncommitted(path, { below })) > MOST_FILES) return head
    return await snapshotOf({ worktree: path, head }, { below })
  } catch (error) {
    // Git cannot read the files, or there are too many: the committed work still counts.
    if (error instanceof WorkerSetupError) return head
    throw error
  }
}

async function branchHead(board: Board, owner: TaskRow): Promise<string | null> {
  const { branch, workspace_kind } = owner
  const project = projectOf(board, owner)
  if (workspace_kind !== 'worktree' || branch === null || project === null) return null
  return existsSync(project) ? branchCommit(project, branch) : null
}

/** Whether two commits from `workHead` have the same files. Committing files does not change the work. */
export async function isSameWork(folder: string, one: string, other: string): Promise<boolean> {
  if (one === other) return true
  const [a, b] = await Promise.all(
    [one, other].map((commit) => askGit(folder, ['rev-parse', '--verify', '--quiet', `${commit}^{tree}`])),
  )
  return a != null && a !== '' && a === b
}
