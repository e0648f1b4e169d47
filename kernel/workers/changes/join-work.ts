import { askGit, git } from '../git/git.ts'
import { isAncestor } from '../git/git-refs.ts'
import { refuseUntrusted, trustOf } from '../git/git-trust.ts'
import { readStatus } from '../git/read-status.ts'
import { WorkerSetupError } from '../setup-error.ts'
import type { Work } from './locate-work.ts'
import { commitRest } from './merge-work.ts'
import { mergeTrees } from './merge-trees.ts'
import { snapshotOf } from './review-snapshot.ts'
import { identity, moveTarget } from './target-checkout.ts'

/** The git operations, besides a merge, with which `operations/join-items.ts` joins the branches of items. */

/** The time limit for writing all files that differ between two commits. */
const CHECKOUT_MS = 10 * 60_000

/**
 * Brings a commit of the work with its uncommitted files into the branch of the work, so that branches that started from that
 * commit can be merged. Uncommitted files are committed first, through the hooks of the repository. No file changes.
 *
 * @param commit a commit that `snapshotOf` made of this work, or one that the branch already has
 * @returns the commit that the branch is on now
 * @throws WorkerSetupError with a sentence
 */
export async function takeIn(work: Work, commit: string, message: string): Promise<string> {
  const { branch, head, repository, worktree } = work
  if (await isAncestor(repository, commit, head)) return head
  if (worktree === null || branch === null)
    throw new WorkerSetupError(`The work of ${work.task_id} is on no branch in a worktree.`)
  const trust = await trustOf(repository, work.trust_file, Date.now())
  await refuseUntrusted([...new Set([repository, worktree])], repository, trust)
  const committed = await commitRest(work, message, trust)
  // A merge with the files of `committed`: the files of `commit` are an earlier state of them.
  const make = ['commit-tree', `${committed}^{tree}`, '-p', committed, '-p', commit, '-m', message]
  const made = (await git(repository, [...(await identity(repository)), ...make])).trim()
  await moveTarget(repository, { name: branch, commit: committed }, made, trust)
  return made
}

/** @returns the files in which the work, with its uncommitted files, conflicts with its target; none without a target */
export async function conflictsOf(work: Work): Promise<string[]> {
  const { repository, target } = work
  if (target === null) return []
  const { tree, conflicts } = await mergeTrees(repository, target.commit, await snapshotOf(work))
  return tree === null ? conflicts : []
}

/**
 * Undoes uncommitted changes to files that git tracks. The changes are kept under a ref first.
 *
 * @param keep the name of the ref
 * @param kept called once the ref is there, before the files change, so that it is named even if the process dies then
 * @returns whether there were any changes
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
 * Takes a merge out of a branch and its worktree again. The merge must be the last commit.
 *
 * @param work the work of the branch that was merged into, without uncommitted changes
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
 * Merges several commits into one, without a worktree. A commit that conflicts with those before it is left out.
 *
 * @param base the first commit
 * @returns the merged commit, and the commits that were left out
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
    if (await isAncestor(repository, next, commit)) continue
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
