import { plural } from '../../../formats/count.ts'
import { git } from '../git/git.ts'
import { branchCommit, isAncestor, knownCommit } from '../git/git-refs.ts'
import { refuseUntrusted, trustOf } from '../git/git-trust.ts'
import { WorkerSetupError } from '../setup-error.ts'
import type { Target } from './find-target.ts'
import { mergeTreesFrom } from './merge-trees.ts'
import { parentsOf, type RecordedMerge } from './merged-changes.ts'
import { checkoutOf, identity, localFilesInTheWay, moveTarget, whyCheckoutStays } from './target-checkout.ts'

export interface RevertRequest {
  repository: string
  trust_file: string | null
  merge: RecordedMerge
  /** Runboard made the merge itself, so its commit holds all of the work. */
  isOurs: boolean
  /** The message of the revert commit. */
  message: string
}

export interface Reverted {
  into: string
  /** The revert commit. */
  commit: string
}

/**
 * Takes merged work out of its branch again with a new commit. Later commits stay. As for a merge, a checkout of the branch
 * must have no changes of its own, and no untracked file in the way.
 *
 * @throws WorkerSetupError with a sentence, such as when later commits changed the same lines; nothing has changed then
 */
export async function revertMerge(request: RevertRequest): Promise<Reverted> {
  const { repository, merge, message } = request
  const target = await targetOf(repository, merge)
  const { before, after } = await rangeOf(request)
  if (!(await isAncestor(repository, after, target.commit)))
    throw new WorkerSetupError(
      `Commit ${short(after)} is not in ${target.name}, so it cannot be reverted there.`,
    )
  const place = { repository, worktree: null }
  const inTheWay = await whyCheckoutStays(place, target.name)
  if (inTheWay !== null) throw new WorkerSetupError(inTheWay)
  const trust = await trustOf(repository, request.trust_file, Date.now())
  const holder = await checkoutOf(repository, target.name)
  const folders = holder === undefined ? [repository] : [repository, holder.path]
  await refuseUntrusted([...new Set(folders)], repository, trust)
  const { tree, conflicts } = await mergeTreesFrom(repository, after, target.commit, before, trust.allow)
  if (tree === null) throw new WorkerSetupError(conflictSentence(target.name, conflicts))
  if (tree === (await git(repository, ['rev-parse', `${target.commit}^{tree}`])).trim())
    throw new WorkerSetupError(`${target.name} has none of the work any more; there is nothing to revert.`)
  const files = await localFilesInTheWay(place, target, tree)
  if (files !== null) throw new WorkerSetupError(files)
  const commit = ['commit-tree', tree, '-p', target.commit, '-m', message]
  const made = (await git(repository, [...(await identity(repository)), ...commit])).trim()
  await moveTarget(repository, target, made, trust)
  return { into: target.name, commit: made }
}

async function targetOf(repository: string, { into }: RecordedMerge): Promise<Target> {
  const commit = into === null ? null : await branchCommit(repository, into)
  if (into !== null && commit !== null) return { name: into, commit }
  throw new WorkerSetupError(
    into === null
      ? 'It is not recorded which branch the work was merged into.'
      : `${into} is not a local branch of ${repository}. Revert the merge there by hand.`,
  )
}

/** @returns the commit before the merge and the one after it, between which all of the work came in */
async function rangeOf({
  repository,
  merge,
  isOurs,
}: RevertRequest): Promise<{ before: string; after: string }> {
  const [after, base, head] = await Promise.all(
    [merge.commit, merge.base, merge.head].map((name) => knownCommit(repository, name)),
  )
  if (after == null)
    throw new WorkerSetupError('The commit that brought the work in is not recorded, or is gone.')
  const [first, ...others] = await parentsOf(repository, after)
  if (first !== undefined && (isOurs || others.length > 0)) return { before: first, after }
  // A fast-forward: the last commit of the work itself.
  if (after === head && base != null) return { before: base, after }
  const isWhole =
    first !== undefined &&
    base != null &&
    head != null &&
    (await patchId(repository, first, after)) === (await patchId(repository, base, head))
  if (isWhole) return { before: first, after }
  throw new WorkerSetupError(
    `The work was merged by hand, in more commits than ${short(after)}. Revert it by hand: git revert.`,
  )
}

async function patchId(repository: string, from: string, to: string): Promise<string> {
  const input = await git(repository, ['diff', '--no-renames', '--full-index', from, to, '--'])
  return (await git(repository, ['patch-id', '--stable'], { input })).split(' ')[0] ?? ''
}

function conflictSentence(branch: string, files: readonly string[]): string {
  const shown = files.slice(0, 3).join(', ')
  const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
  const have = plural(files.length, 'has', 'have')
  return `The merge cannot be reverted automatically: ${shown}${more} ${have} changed in ${branch} since. Nothing was changed. Revert it by hand: git revert.`
}

function short(commit: string): string {
  return commit.slice(0, 9)
}
