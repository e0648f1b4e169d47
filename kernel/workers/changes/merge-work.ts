import { renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { duration, MINUTE } from '../../../formats/time.ts'
import type { MergeMethod } from '../../../contract/index.ts'
import { type Allowed, configuredPrograms, git } from '../git/git.ts'
import { isAncestor } from '../git/git-refs.ts'
import { GitError } from '../git/git-error.ts'
import { type Trust, trustOf, refuseUntrusted, untrustedSentence } from '../git/git-trust.ts'
import { readRegular } from '../../home/regular-file.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { strayRepositories, straySentence } from './gitlinks.ts'
import type { Work } from './locate-work.ts'
import { type MergedTree, mergeTrees, mergeTreesFrom, USAGE } from './merge-trees.ts'
import { submoduleAdvice } from './moved-submodules.ts'
import { countUncommitted } from './read-changes.ts'
import { checkoutOf, identity, localFilesInTheWay, moveTarget, whyCheckoutStays } from './target-checkout.ts'

/** A hook may run the project's linters and tests. */
const HOOKS_MS = 10 * MINUTE

export interface Merged {
  into: string
  /** The merge commit. */
  commit: string
  /** The merged work lies between these two commits. */
  base: string
  head: string
  /** What the person should now do in the checkout; usually nothing. */
  warnings: string[]
}

/** A sentence that says why work cannot be merged; null when it can. */
export type MergeRefusal = string | null

/**
 * Tries the merge in memory, so that nothing is touched, and looks for conflicts, for changes or files of the
 * checkout in the way, and for an empty merge.
 */
export async function whyNotMerge(work: Work): Promise<MergeRefusal> {
  const { target, head, worktree, repository } = work
  if (work.target_refusal !== null) return work.target_refusal
  if (target === null) return 'There is no branch to merge into.'
  const uncommitted = worktree === null ? 0 : await countUncommitted(worktree)
  const isThere = await isAncestor(repository, head, target.commit)
  if (isThere && uncommitted === 0 && work.reverted === null)
    return `${target.name} already has all of the work.`
  const stray = await strayRepositories(work, [target.commit])
  if (stray.length > 0) return straySentence(stray)
  const inTheWay = await whyCheckoutStays(work, target.name)
  if (inTheWay !== null) return inTheWay
  const { tree, conflicts } = await treesOf(work, target.commit, head)
  // A merge driver of the person's may still resolve it. It runs only when the person merges.
  if (tree === null && (await hasMergeDriver(repository))) return null
  if (tree === null) return conflictSentence(target.name, conflicts)
  return localFilesInTheWay(work, target, tree)
}

/**
 * Merges the work of a task into the branch that it started from. Uncommitted work is first committed on the task's
 * branch, through the hooks of the repository, which have not checked it yet.
 *
 * A checkout of the target follows, unless it has changes of its own, or untracked files at paths of the work: then
 * nothing is done. No working tree is ever left half merged, because conflicts are found before anything is written.
 *
 * @param message of the merge, and of the commit of uncommitted work
 * @param method `squash` makes one commit that does not refer to those of the work
 * @throws WorkerSetupError with a sentence
 */
export async function mergeWork(work: Work, message: string, method: MergeMethod = 'merge'): Promise<Merged> {
  const refusal = await whyNotMerge(work)
  if (refusal !== null) throw new WorkerSetupError(refusal)
  const { target, repository } = work
  if (target === null) throw new WorkerSetupError('There is no branch to merge into.')
  const trust = await trustOf(repository, work.trust_file, Date.now())
  const holder = await checkoutOf(repository, target.name)
  const folders = [repository, work.worktree, holder?.path].filter((folder) => folder != null)
  await refuseUntrusted([...new Set(folders)], repository, trust)
  const head = await commitRest(work, message, trust)
  const { tree, conflicts } = await treesOf(work, target.commit, head, trust.allow)
  if (tree === null) throw new WorkerSetupError(conflictSentence(target.name, conflicts))
  const inTheWay = await localFilesInTheWay(work, target, tree)
  if (inTheWay !== null) throw new WorkerSetupError(inTheWay)
  const parents = ['-p', target.commit, ...(method === 'squash' ? [] : ['-p', head])]
  const commit = ['commit-tree', tree, ...parents, '-m', message]
  const made = (await git(repository, [...(await identity(repository)), ...commit])).trim()
  await moveTarget(repository, target, made, trust)
  const warnings =
    holder === undefined ? [] : await submoduleAdvice(holder.path, target.commit, made, work.worktree)
  return { into: target.name, commit: made, base: work.base, head, warnings }
}

/** For git, the branch already contains work whose merge was reverted, so such a merge needs the start of the work as base. */
function treesOf(
  { repository, reverted }: Work,
  ours: string,
  theirs: string,
  allow?: Allowed,
): Promise<MergedTree> {
  return reverted === null
    ? mergeTrees(repository, ours, theirs, allow)
    : mergeTreesFrom(repository, reverted.base, ours, theirs, allow)
}

/** @returns the commit that contains all of the work, with what was not committed */
export async function commitRest(
  { worktree, head, repository }: Pick<Work, 'head' | 'repository' | 'worktree'>,
  message: string,
  trust: Trust,
): Promise<string> {
  if (worktree === null || (await countUncommitted(worktree)) === 0) return head
  const { allow, hooks_path, changed_hooks } = trust
  if (changed_hooks.length > 0)
    throw new WorkerSetupError(
      untrustedSentence(
        changed_hooks.map((name) => (name.startsWith('core.') ? name : `hook ${name}`)),
        repository,
      ),
    )
  const staged = await keepStaged(worktree)
  await addAll(worktree, trust)
  const commit = [...(await identity(worktree)), 'commit', '--quiet', '-m', message]
  try {
    await git(worktree, commit, { allow, hooks_path, timeout_ms: HOOKS_MS })
  } catch (error) {
    staged.restore()
    throw error instanceof GitError ? notCommitted(worktree, error) : error
  }
  return (await git(worktree, ['rev-parse', 'HEAD'])).trim()
}

/** Also adds paths outside a sparse checkout: a worker may have created files there. */
async function addAll(worktree: string, { allow }: Trust): Promise<void> {
  try {
    await git(worktree, ['add', '--all', '--sparse', '--', ':/'], { allow })
  } catch (error) {
    // git before 2.34 does not know the option, and adds such files without it.
    if (!(error instanceof GitError) || error.exit_code !== USAGE) throw error
    await git(worktree, ['add', '--all', '--', ':/'], { allow })
  }
}

/** Remembers what was staged, so that a refused commit can restore it. */
async function keepStaged(worktree: string): Promise<{ restore: () => void }> {
  const index = resolve(worktree, (await git(worktree, ['rev-parse', '--git-path', 'index'])).trim())
  const before = readRegular(index, Number.MAX_SAFE_INTEGER)
  return {
    restore: () => {
      writeFileSync(`${index}.runboard`, before)
      renameSync(`${index}.runboard`, index)
    },
  }
}

/** How much of a hook's output we quote, in characters. */
const SAID_LIMIT = 600

/** Usually a hook's refusal, whose words are for the person; a failed signature looks the same. */
function notCommitted(worktree: string, { stdout, stderr, timed_out }: GitError): WorkerSetupError {
  const said = `${stdout}\n${stderr}`.trim().slice(-SAID_LIMIT)
  const silent = timed_out
    ? `it did not end within ${duration(HOOKS_MS)} and was stopped`
    : 'the hook said nothing'
  const words = said === '' ? silent : timed_out ? `${said} (${silent})` : said
  return new WorkerSetupError(
    `What the worker left uncommitted in ${worktree} could not be committed, so nothing was merged. Commit it there yourself, or send the work back. git or a hook of the repository said: ${words}`,
  )
}

async function hasMergeDriver(repository: string): Promise<boolean> {
  return (await configuredPrograms(repository)).some(({ key }) => key.startsWith('merge.'))
}

function conflictSentence(branch: string, files: readonly string[]): string {
  const shown = files.slice(0, 3).join(', ')
  const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
  return `Merge conflict with ${branch} in ${shown}${more}. Request changes, or merge by hand.`
}
