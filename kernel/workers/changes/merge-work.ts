import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { plural } from '../../../formats/count.ts'
import { duration, MINUTE } from '../../../formats/time.ts'
import { askGit, configuredPrograms, git } from '../git/git.ts'
import { commonDirOf, lineOf, listWorktrees, type ListedWorktree } from '../git/git-worktrees.ts'
import { GitError } from '../git/git-error.ts'
import { type Trust, trustOf, refuseUntrusted, untrustedSentence } from '../git/git-trust.ts'
import { whatIsHalfDone } from '../git/only-here.ts'
import { readStatus } from '../git/read-status.ts'
import { readRegular } from '../../home/regular-file.ts'
import { WorkerSetupError } from '../setup-error.ts'
import type { Target } from './find-target.ts'
import { strayRepositories, straySentence } from './gitlinks.ts'
import { addedPaths, untrackedInTheWay } from './in-the-way.ts'
import type { Work } from './locate-work.ts'
import { mergeTrees, USAGE } from './merge-trees.ts'
import { submoduleAdvice } from './moved-submodules.ts'
import { countUncommitted } from './read-changes.ts'

const CHECKOUT_MS = 10 * MINUTE
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
  const isThere = (await askGit(repository, ['merge-base', '--is-ancestor', head, target.commit])) !== null
  if (isThere && uncommitted === 0) return `${target.name} already has all of the work.`
  const stray = await strayRepositories(work, [target.commit])
  if (stray.length > 0) return straySentence(stray)
  const inTheWay = await dirtyCheckout(work, target.name)
  if (inTheWay !== null) return inTheWay
  const { tree, conflicts } = await mergeTrees(repository, target.commit, head)
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
 * @throws WorkerSetupError with a sentence
 */
export async function mergeWork(work: Work, message: string): Promise<Merged> {
  const refusal = await whyNotMerge(work)
  if (refusal !== null) throw new WorkerSetupError(refusal)
  const { target, repository } = work
  if (target === null) throw new WorkerSetupError('There is no branch to merge into.')
  const trust = await trustOf(repository, work.trust_file, Date.now())
  const holder = await checkoutOf(work, target.name)
  const folders = [repository, work.worktree, holder?.path].filter((folder) => folder != null)
  await refuseUntrusted([...new Set(folders)], repository, trust)
  const head = await commitRest(work, message, trust)
  const { tree, conflicts } = await mergeTrees(repository, target.commit, head, trust.allow)
  if (tree === null) throw new WorkerSetupError(conflictSentence(target.name, conflicts))
  const inTheWay = await localFilesInTheWay(work, target, tree)
  if (inTheWay !== null) throw new WorkerSetupError(inTheWay)
  const parents = ['-p', target.commit, '-p', head]
  const commit = ['commit-tree', tree, ...parents, '-m', message]
  const made = (await git(repository, [...(await identity(repository)), ...commit])).trim()
  await moveTarget(work, target, made, trust)
  const warnings =
    holder === undefined ? [] : await submoduleAdvice(holder.path, target.commit, made, work.worktree)
  return { into: target.name, commit: made, base: work.base, head, warnings }
}

/** @returns the commit that contains all of the work */
async function commitRest(
  { worktree, head, repository }: Work,
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

async function moveTarget(work: Work, target: Target, commit: string, { allow }: Trust): Promise<void> {
  const holder = await checkoutOf(work, target.name)
  if (holder === undefined) {
    await git(work.repository, ['update-ref', `refs/heads/${target.name}`, commit, target.commit])
  } else {
    // The flag protects files that appear after our check.
    const merge = ['merge', '--ff-only', '--no-overwrite-ignore', '--quiet', commit]
    await git(holder.path, merge, { allow, timeout_ms: CHECKOUT_MS })
  }
}

/** Commits need an author; if none is configured, it is Runboard. */
async function identity(folder: string): Promise<string[]> {
  const known = await askGit(folder, ['var', 'GIT_COMMITTER_IDENT'])
  return known !== null ? [] : ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']
}

async function checkoutOf({ repository }: Work, branch: string): Promise<ListedWorktree | undefined> {
  return (await listWorktrees(repository)).find((one) => one.branch === branch && !one.missing)
}

async function dirtyCheckout(work: Work, branch: string): Promise<MergeRefusal> {
  const holder = await checkoutOf(work, branch)
  if (holder === undefined) return busyElsewhere(work, branch)
  if (holder.unknown)
    return `${branch} is checked out in the main worktree of ${work.repository}, and git does not know where that is. Check out another branch there, or make it the project of the board.`
  const half = await whatIsHalfDone(holder.path)
  if (half !== null)
    return `${branch} is checked out in ${holder.path}, which is in the middle of ${half}. Finish or abort that first.`
  // After a merge that moved a submodule, the submodule's folder is behind. A merge does not touch that folder.
  const dirty = (await readStatus(holder.path, { untracked: 'no', submodules: false })).length
  if (dirty === 0) return null
  const files = plural(dirty, 'one changed file', `${dirty} changed files`)
  return `${branch} is checked out in ${holder.path} with ${files}. Commit or stash ${plural(dirty, 'it', 'them')} first.`
}

/** A rebase or a bisect of a branch detaches its checkout, and expects the branch to stay in place. */
async function busyElsewhere({ repository }: Work, branch: string): Promise<MergeRefusal> {
  const common = await commonDirOf(repository)
  const linked = join(common, 'worktrees')
  const names = existsSync(linked) ? readdirSync(linked) : []
  for (const folder of [common, ...names.map((name) => join(linked, name))]) {
    for (const file of ['rebase-merge/head-name', 'rebase-apply/head-name', 'BISECT_START']) {
      const path = join(folder, file)
      const held = existsSync(path) ? lineOf(path).replace('refs/heads/', '') : null
      const what = file === 'BISECT_START' ? 'bisected' : 'rebased'
      if (held === branch) return `${branch} is being ${what}. Finish or abort that first.`
    }
  }
  return null
}

/** Untracked files, including ignored ones, at paths of the merged work. */
async function localFilesInTheWay(work: Work, target: Target, tree: string): Promise<MergeRefusal> {
  const holder = await checkoutOf(work, target.name)
  if (holder === undefined) return null
  const added = await addedPaths(work.repository, target.commit, tree)
  const fresh = work.worktree === null ? [] : await newFiles(work.worktree)
  const files = await untrackedInTheWay(holder.path, [...added, ...fresh])
  if (files.length === 0) return null
  const shown = files.slice(0, 3).join(', ')
  const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
  const them = plural(files.length, 'it', 'them')
  return `${target.name} is checked out in ${holder.path}, where git does not track ${shown}${more}, and the work brings ${them} too. Move ${them} away first: the merge would overwrite ${them}.`
}

/** Files of a worker that are in no commit yet. */
async function newFiles(worktree: string): Promise<string[]> {
  const entries = await readStatus(worktree, { untracked: 'all' })
  return entries.filter(({ state }) => state === '??' || state.startsWith('A')).map(({ path }) => path)
}

async function hasMergeDriver(repository: string): Promise<boolean> {
  return (await configuredPrograms(repository)).some(({ key }) => key.startsWith('merge.'))
}

function conflictSentence(branch: string, files: readonly string[]): string {
  const shown = files.slice(0, 3).join(', ')
  const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
  return `Merge conflict with ${branch} in ${shown}${more}. Request changes, or merge by hand.`
}
