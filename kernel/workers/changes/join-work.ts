import { askGit, git } from '../git/git.ts'
import { GitError } from '../git/git-error.ts'
import { refuseUntrusted, trustOf } from '../git/git-trust.ts'
import { WorkerSetupError } from '../setup-error.ts'
import type { Work } from './locate-work.ts'
import { commitRest, type Merged } from './merge-work.ts'
import { mergeTrees } from './merge-trees.ts'
import { snapshotOf } from './review-snapshot.ts'
import { identity, moveTarget } from './target-checkout.ts'

/** What joining the branches of items needs of git beside a merge: see `operations/join-items.ts`. */

/** Writes all files that differ between two commits. */
const CHECKOUT_MS = 10 * 60_000

/** Whether one commit is the other, or comes before it. */
async function isBefore(repository: string, commit: string, head: string): Promise<boolean> {
  return (await askGit(repository, ['merge-base', '--is-ancestor', commit, head])) !== null
}

/**
 * Makes a commit that stood for the work with its uncommitted files part of its branch, so that what started from that
 * commit can be merged: what is uncommitted is committed, through the hooks of the repository. The files stay as they are.
 *
 * @param commit one that `snapshotOf` made of this work, or one that its branch has already
 * @returns the commit that the branch is on now
 * @throws WorkerSetupError with a sentence
 */
export async function takeIn(work: Work, commit: string, message: string): Promise<string> {
  const { branch, head, repository, worktree } = work
  if (await isBefore(repository, commit, head)) return head
  if (worktree === null || branch === null)
    throw new WorkerSetupError(`The work of ${work.task_id} is on no branch in a worktree.`)
  const trust = await trustOf(repository, work.trust_file, Date.now())
  await refuseUntrusted([...new Set([repository, worktree])], repository, trust)
  const committed = await commitRest(work, message, trust)
  // Its files are an earlier state of those that are committed now.
  const make = ['commit-tree', `${committed}^{tree}`, '-p', committed, '-p', commit, '-m', message]
  const made = (await git(repository, [...(await identity(repository)), ...make])).trim()
  await moveTarget(repository, { name: branch, commit: committed }, made, trust)
  return made
}

/** @returns the files in which the work conflicts with its target, with what is not committed; none without a target */
export async function conflictsOf(work: Work): Promise<string[]> {
  const { repository, target } = work
  if (target === null) return []
  const { tree, conflicts } = await mergeTrees(repository, target.commit, await snapshotOf(work))
  return tree === null ? conflicts : []
}

/**
 * Takes a merge out of a worktree again that has nothing after it. What the check of the merge has written into files that
 * git tracks goes with it, but is kept under a ref.
 *
 * @param work of the branch that was merged into
 * @param merge the last commit of that branch
 * @param keep the name of the ref, used only when a file has changed
 * @throws WorkerSetupError when the branch has moved on since
 */
export async function takeBack(
  work: Work,
  merge: Pick<Merged, 'commit' | 'head'>,
  keep: string,
): Promise<void> {
  const { head, repository, worktree } = work
  const [, before, second] = (
    (await askGit(repository, ['rev-list', '--parents', '--max-count=1', merge.commit])) ?? ''
  ).split(' ')
  if (worktree === null || head !== merge.commit || before === undefined || second !== merge.head)
    throw new WorkerSetupError(
      `The merge ${merge.commit.slice(0, 9)} is not the last commit of ${work.branch ?? 'the worktree'} any more, so it stays. Look at the branch.`,
    )
  const { allow } = await trustOf(repository, work.trust_file, Date.now())
  const options = { allow, timeout_ms: CHECKOUT_MS }
  try {
    await git(worktree, ['reset', '--quiet', '--keep', before], options)
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    await git(repository, ['update-ref', keep, await snapshotOf(work)])
    await git(worktree, ['reset', '--quiet', '--hard', before], options)
  }
}
