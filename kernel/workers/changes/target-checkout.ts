import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { plural } from '../../../formats/count.ts'
import { MINUTE } from '../../../formats/time.ts'
import { askGit, git } from '../git/git.ts'
import type { Trust } from '../git/git-trust.ts'
import { commonDirOf, lineOf, listWorktrees, type ListedWorktree } from '../git/git-worktrees.ts'
import { whatIsHalfDone } from '../git/only-here.ts'
import { readStatus } from '../git/read-status.ts'
import type { Target } from './find-target.ts'
import { addedPaths, untrackedInTheWay } from './in-the-way.ts'
import type { Work } from './locate-work.ts'

/** Moves a branch, and its checkout, to a new commit without losing any file of the person's. */

const CHECKOUT_MS = 10 * MINUTE

/** The repository, and the worktree with the work; null without one. */
type Place = Pick<Work, 'repository' | 'worktree'>

/** Moves a branch, and its checkout, to a new commit, unless the branch has left the commit of `target`. */
export async function moveTarget(
  repository: string,
  target: Target,
  commit: string,
  { allow }: Trust,
): Promise<void> {
  const holder = await checkoutOf(repository, target.name)
  if (holder === undefined) {
    await git(repository, ['update-ref', `refs/heads/${target.name}`, commit, target.commit])
  } else {
    // The flag protects files that appear after our check.
    const merge = ['merge', '--ff-only', '--no-overwrite-ignore', '--quiet', commit]
    await git(holder.path, merge, { allow, timeout_ms: CHECKOUT_MS })
  }
}

/** @returns git options that make Runboard the author of a commit, if the person has configured none */
export async function identity(folder: string): Promise<string[]> {
  const known = await askGit(folder, ['var', 'GIT_COMMITTER_IDENT'])
  return known !== null ? [] : ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']
}

/** @returns the working tree that has a branch checked out */
export async function checkoutOf(repository: string, branch: string): Promise<ListedWorktree | undefined> {
  return (await listWorktrees(repository)).find((one) => one.branch === branch && !one.missing)
}

/** @returns a sentence when a branch must not be moved now: its checkout has changes, or it is being rebased */
export async function whyCheckoutStays({ repository }: Place, branch: string): Promise<string | null> {
  const holder = await checkoutOf(repository, branch)
  if (holder === undefined) return busyElsewhere(repository, branch)
  if (holder.unknown)
    return `${branch} is checked out in the main worktree of ${repository}, and git does not know where that is. Check out another branch there, or make it the project of the board.`
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
async function busyElsewhere(repository: string, branch: string): Promise<string | null> {
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

/** @returns a sentence when untracked files, ignored ones among them, are at paths that the move would write */
export async function localFilesInTheWay(work: Place, target: Target, tree: string): Promise<string | null> {
  const holder = await checkoutOf(work.repository, target.name)
  if (holder === undefined) return null
  const added = await addedPaths(work.repository, target.commit, tree)
  const fresh = work.worktree === null ? [] : await newFiles(work.worktree)
  const files = await untrackedInTheWay(holder.path, [...added, ...fresh])
  if (files.length === 0) return null
  const shown = files.slice(0, 3).join(', ')
  const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
  const them = plural(files.length, 'it', 'them')
  return `${target.name} is checked out in ${holder.path}, where git does not track ${shown}${more}, and this would overwrite ${them}. Move ${them} away first.`
}

/** Files of a worker that are in no commit yet. */
async function newFiles(worktree: string): Promise<string[]> {
  const entries = await readStatus(worktree, { untracked: 'all' })
  return entries.filter(({ state }) => state === '??' || state.startsWith('A')).map(({ path }) => path)
}
