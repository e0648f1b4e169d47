import { askGit, git } from '../git/git.ts'
import { refuseUntrusted, trustOf } from '../git/git-trust.ts'
import { readStatus } from '../git/read-status.ts'
import { WorkerSetupError } from '../setup-error.ts'
import type { Work } from './locate-work.ts'
import { commitRest } from './merge-work.ts'
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
 * Puts files that git tracks back as they are in the last commit. Their changes are kept under a ref first.
 *
 * @param keep the name of the ref
 * @param kept called once the ref is there, before the files change, so that it is named even if the process dies then
 * @returns whether there were any
 */
export async function putBack(
  { head, repository, trust_file, worktree }: Work,
  keep: string,
  kept: () => Promise<void>,
): Promise<boolean> {
  if (worktree === null) return false
  if ((await readStatus(worktree, { untracked: 'no', submodules: false })).length === 0) return false
  await git(repository, ['update-ref', keep, await snapshotOf({ worktree, head })])
  await kept()
  const { allow } = await trustOf(repository, trust_file, Date.now())
  await git(worktree, ['reset', '--quiet', '--hard', 'HEAD'], { allow, timeout_ms: CHECKOUT_MS })
  return true
}

/**
 * Takes a merge out of a worktree again that has nothing after it.
 *
 * @param work of the branch that was merged into, as it is in the last commit
 * @param merge the last commit of that branch
 * @throws WorkerSetupError when the branch has moved on since
 */
export async function takeBack(work: Work, merge: { commit: string; head: string | null }): Promise<void> {
  const { head, repository, worktree } = work
  const [, before, second] = (
    (await askGit(repository, ['rev-list', '--parents', '--max-count=1', merge.commit])) ?? ''
  ).split(' ')
  if (worktree === null || head !== merge.commit || before === undefined || second !== merge.head)
    throw new WorkerSetupError(
      `The merge ${merge.commit.slice(0, 9)} is not the last commit of ${work.branch ?? 'the worktree'} any more, so it stays. Look at the branch.`,
    )
  const { allow } = await trustOf(repository, work.trust_file, Date.now())
  await git(worktree, ['reset', '--quiet', '--keep', before], { allow, timeout_ms: CHECKOUT_MS })
}

/**
 * One commit that has the work of several, made in memory. A commit that conflicts with those before it is left out.
 *
 * @param base the first of them
 * @returns the commit, and those that are left out
 */
export async function combine(
  repository: string,
  base: string,
  commits: readonly string[],
  message: string,
): Promise<{ commit: string; left_out: string[] }> {
  let commit = base
  const left_out: string[] = []
  for (const next of commits) {
    if (await isBefore(repository, next, commit)) continue
    const { tree } = await mergeTrees(repository, commit, next)
    if (tree === null) {
      left_out.push(next)
      continue
    }
    const make = ['commit-tree', tree, '-p', commit, '-p', next, '-m', message]
    commit = (await git(repository, [...(await identity(repository)), ...make])).trim()
  }
  return { commit, left_out }
}
