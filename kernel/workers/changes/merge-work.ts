import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { askGit, git, GitError, listWorktrees, type ListedWorktree } from '../git.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { strayRepositories, straySentence } from './gitlinks.ts'
import type { Work } from './locate-work.ts'
import { countUncommitted } from './read-changes.ts'

/** A hook may run the project's linters and tests. */
const HOOKS_MS = 10 * 60_000

export interface Merged {
  into: string
  /** The merge commit. */
  commit: string
  /** The merged work is what lies between these two commits. */
  base: string
  head: string
}

/** Why work cannot be merged, in a sentence; null when it can. */
export type MergeRefusal = string | null

/**
 * Merges in memory and looks, so that nothing is touched: conflicts, a checkout with changes of its own, nothing to
 * merge.
 */
export async function whyNotMerge(work: Work): Promise<MergeRefusal> {
  const { target, head } = work
  if (work.target_refusal !== null) return work.target_refusal
  if (target === null) return 'There is no branch to merge into.'
  const uncommitted = work.worktree === null ? 0 : await countUncommitted(work.worktree)
  const isThere =
    (await askGit(work.repository, ['merge-base', '--is-ancestor', head, target.commit])) !== null
  if (isThere && uncommitted === 0) return `All of it is in ${target.name} already.`
  const stray = await strayRepositories(work, [target.commit])
  if (stray.length > 0) return straySentence(stray)
  const inTheWay = await dirtyCheckout(work, target.name)
  if (inTheWay !== null) return inTheWay
  const { conflicts } = await mergeInMemory(work, target.commit, head)
  return conflicts.length === 0 ? null : conflictSentence(target.name, conflicts)
}

/**
 * Merges the work of a task into the branch that it started from. What its worker left uncommitted is committed first,
 * on the task's branch; the hooks of the repository look at it, as nothing else has yet. A checkout of the target follows,
 * unless it holds changes of its own: then nothing is done. No working tree is ever left half merged, because conflicts
 * are found before anything is written.
 *
 * @param message of the merge, and of the commit of what was left
 * @throws WorkerSetupError with a sentence
 */
export async function mergeWork(work: Work, message: string): Promise<Merged> {
  const refusal = await whyNotMerge(work)
  if (refusal !== null) throw new WorkerSetupError(refusal)
  const target = work.target
  if (target === null) throw new WorkerSetupError('There is no branch to merge into.')
  const head = await commitRest(work, message)
  const { tree, conflicts } = await mergeInMemory(work, target.commit, head)
  if (tree === null) throw new WorkerSetupError(conflictSentence(target.name, conflicts))
  const parents = ['-p', target.commit, '-p', head]
  const made = await git(work.repository, [
    ...(await identity(work.repository)),
    'commit-tree',
    tree,
    ...parents,
    '-m',
    message,
  ])
  await moveTarget(work, target, made.trim())
  return { into: target.name, commit: made.trim(), base: work.base, head }
}

/** @returns the commit that holds all of the work */
async function commitRest({ worktree, head }: Work, message: string): Promise<string> {
  if (worktree === null || (await countUncommitted(worktree)) === 0) return head
  const staged = await keepStaged(worktree)
  await git(worktree, ['add', '--all', '--', ':/'])
  const commit = [...(await identity(worktree)), 'commit', '--quiet', '-m', message]
  try {
    await git(worktree, commit, { hooks: true, timeout_ms: HOOKS_MS })
  } catch (error) {
    staged.restore()
    throw error instanceof GitError ? notCommitted(worktree, error) : error
  }
  return (await git(worktree, ['rev-parse', 'HEAD'])).trim()
}

/** Remembers what was staged, so that a refused commit leaves it as it was. */
async function keepStaged(worktree: string): Promise<{ restore: () => void }> {
  const index = resolve(worktree, (await git(worktree, ['rev-parse', '--git-path', 'index'])).trim())
  const before = readFileSync(index)
  return {
    restore: () => {
      writeFileSync(`${index}.runboard`, before)
      renameSync(`${index}.runboard`, index)
    },
  }
}

/** What a hook says last, in characters. */
const SAID_LIMIT = 600

/** Mostly a hook's refusal, whose words are for the person; a signature that could not be made reads alike. */
function notCommitted(worktree: string, { stdout, stderr }: GitError): WorkerSetupError {
  const said = `${stdout}\n${stderr}`.trim().slice(-SAID_LIMIT)
  const words = said === '' ? 'the hook said nothing' : said
  return new WorkerSetupError(
    `What the worker left uncommitted in ${worktree} could not be committed, so nothing was merged. Commit it there yourself, or send the work back. git or a hook of the repository said: ${words}`,
  )
}

async function moveTarget(
  work: Work,
  target: { name: string; commit: string },
  commit: string,
): Promise<void> {
  const holder = await checkoutOf(work, target.name)
  if (holder === undefined) {
    await git(work.repository, ['update-ref', `refs/heads/${target.name}`, commit, target.commit])
  } else {
    await git(holder.path, ['merge', '--ff-only', '--quiet', commit])
  }
}

/** Commits need a name; where none is configured, they are Runboard's. */
async function identity(folder: string): Promise<string[]> {
  const known = await askGit(folder, ['var', 'GIT_COMMITTER_IDENT'])
  return known !== null ? [] : ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']
}

async function checkoutOf({ repository }: Work, branch: string): Promise<ListedWorktree | undefined> {
  return (await listWorktrees(repository)).find((one) => one.branch === branch && !one.missing)
}

async function dirtyCheckout(work: Work, branch: string): Promise<MergeRefusal> {
  const holder = await checkoutOf(work, branch)
  if (holder === undefined) return null
  const status = await git(holder.path, [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=no',
    '--no-renames',
    // After a merge that moved a submodule its folder is behind. A merge does not touch that folder.
    '--ignore-submodules=all',
  ])
  const dirty = status.split('\0').filter((entry) => entry !== '').length
  if (dirty === 0) return null
  const files = dirty === 1 ? 'one changed file' : `${dirty} changed files`
  return `${branch} is checked out in ${holder.path} with ${files}. Commit or stash ${dirty === 1 ? 'it' : 'them'} first.`
}

/** With `git merge-tree`, which writes objects only. */
async function mergeInMemory(
  { repository }: Work,
  ours: string,
  theirs: string,
): Promise<{ tree: string | null; conflicts: string[] }> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs]
  try {
    const [tree] = (await git(repository, args)).split('\0')
    return { tree: tree?.trim() ?? null, conflicts: [] }
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    // 1: it merges, but not without a person. Anything else is a failure, as of a git before 2.38.
    if (error.exit_code !== 1) throw error
    const [, ...files] = error.stdout.split('\0').filter((part) => part.trim() !== '')
    return { tree: null, conflicts: [...new Set(files)] }
  }
}

function conflictSentence(branch: string, files: readonly string[]): string {
  const shown = files.slice(0, 3).join(', ')
  const more = files.length > 3 ? ` and ${files.length - 3} more` : ''
  return `It does not merge into ${branch} by itself: both changed ${shown}${more}. Send it back, or merge it by hand.`
}
