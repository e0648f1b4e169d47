import { git } from '../git/git.ts'
import { branchCommit, isAncestor } from '../git/git-refs.ts'
import { listWorktrees, samePath } from '../git/git-worktrees.ts'
import { WorkerSetupError } from '../setup-error.ts'
import type { RetireOptions } from '../workspace/retire.ts'
import { discardWork } from './discard-work.ts'
import type { Work } from './locate-work.ts'
import { countUncommitted } from './read-changes.ts'

export interface Removed {
  /** The folder's new path in the trash; null when it was gone already. */
  moved_to: string | null
  /** The branch that was deleted; null when it was gone already, or the work was on none. */
  branch: string | null
}

/**
 * Cleans up after merged work: moves its worktree to the trash and deletes its branch.
 *
 * @param merged_head the last commit of the work that was merged
 * @throws WorkerSetupError with a sentence when the worktree or the branch has anything that was not merged
 */
export async function removeMergedWork(
  work: Work,
  merged_head: string | null,
  options: RetireOptions,
): Promise<Removed> {
  const { worktree, branch, head, repository, target } = work
  const uncommitted = worktree === null ? 0 : await countUncommitted(worktree)
  if (uncommitted > 0) {
    throw new WorkerSetupError(
      `The worktree ${worktree ?? ''} has changes that are not committed, so it stays. Discard it instead: its folder goes to the trash, and its branch stays.`,
    )
  }
  const isIn =
    head === merged_head || (target !== null && (await isAncestor(repository, head, target.commit)))
  if (!isIn) {
    throw new WorkerSetupError(
      `${branch ?? 'The worktree'} has commits that were not merged, up to ${head.slice(0, 9)}. Merge or discard them first.`,
    )
  }
  const holder = (await listWorktrees(repository)).find(
    (one) => one.branch === branch && !one.missing && (worktree === null || !samePath(one.path, worktree)),
  )
  if (branch !== null && holder !== undefined)
    throw new WorkerSetupError(`The branch ${branch} is checked out in ${holder.path}, so it stays.`)
  const moved_to = worktree === null ? null : (await discardWork(work, options)).moved_to
  if (branch === null || (await branchCommit(repository, branch)) === null) return { moved_to, branch: null }
  // Deletes the branch only at the commit that we checked: it may have moved meanwhile.
  await git(repository, ['update-ref', '-d', `refs/heads/${branch}`, head])
  return { moved_to, branch }
}
