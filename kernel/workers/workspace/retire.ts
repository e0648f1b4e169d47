import { execFile } from 'node:child_process'
import { lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { askGit, git } from '../git/git.ts'
import { listWorktrees, samePath } from '../git/git-worktrees.ts'
import { keepForgotten } from '../git/keep-commits.ts'
import { readMarker } from './marker.ts'
import { observe } from './observe.ts'
import { unsavedRepositories, whatIsInside, whatIsOnlyIn } from '../git/only-here.ts'
import { errorCode } from '../../home/system-error.ts'
import { readWorktreeMarker } from './worktree-marker.ts'

const run = promisify(execFile)

export interface RetireOptions {
  /** The board's trash; created if missing. */
  trash_dir: string
  now?: () => number
}

/** The workspace's new path, or the sentence that says why it stays. */
export type Retired = { moved_to: string } | { kept: string }

/**
 * Why a workspace must stay: a folder without a matching marker belongs to the user, and a worktree may go only if it
 * is clean and all its commits exist elsewhere.
 *
 * @returns a sentence, or null if it may go
 */
export async function whyKeep(path: string): Promise<string | null> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats) return `${path} is not there any more.`
  if (!stats.isDirectory()) return `${path} is not a folder, so Runboard did not make it.`
  if (readMarker(path) !== null) return whatIsInside(path)
  if (!isWorktree(path)) return `${path} was not made by Runboard.`
  if ((await readWorktreeMarker(path)) === null) return `The worktree ${path} was not made by Runboard.`
  return whyKeepWorktree(path)
}

function isWorktree(path: string): boolean {
  return lstatSync(join(path, '.git'), { throwIfNoEntry: false })?.isFile() === true
}

/** Moves a workspace that Runboard created to the trash, unless there is a reason to keep it. Nothing is deleted. */
export async function retireWorkspace(path: string, options: RetireOptions): Promise<Retired> {
  const reason = await whyKeep(path)
  if (reason !== null) return { kept: reason }
  if (!isWorktree(path) || readMarker(path) !== null) return { moved_to: await moveToTrash(path, options) }
  const [main] = await listWorktrees(path)
  return {
    moved_to: main ? await moveWorktreeToTrash(path, main.path, options) : await moveToTrash(path, options),
  }
}

/**
 * Moves the folder of a worktree as it is. Its branch stays. The caller must have checked that nothing else is lost.
 */
export async function moveWorktreeToTrash(
  path: string,
  repository: string,
  options: RetireOptions,
): Promise<string> {
  await keepForgotten(path)
  const moved_to = await moveToTrash(path, options)
  // The folder is no longer there, so this only removes it from git's list. (prune would remove others too; --force
  // would delete a folder that another process created there meanwhile.)
  await git(repository, ['worktree', 'remove', path])
  return moved_to
}

async function whyKeepWorktree(path: string): Promise<string | null> {
  const observed = await observe(path)
  if (observed === null) return `${path} is no longer a worktree.`
  if (observed.dirty_files > 0) {
    return `The worktree ${path} has changes that are not committed (${observed.dirty_files} files).`
  }
  if (observed.head !== null && !(await isElsewhere(path, observed.head, observed.branch))) {
    return `The worktree ${path} has commits that are neither pushed nor merged.`
  }
  const [, ...linked] = await listWorktrees(path)
  if (linked.some((worktree) => worktree.locked && samePath(worktree.path, path))) {
    return `The worktree ${path} is locked.`
  }
  return (await whatIsOnlyIn(path)) ?? (await unsavedRepositories(path))
}

/** Whether another branch, local or remote, contains the commit. */
async function isElsewhere(path: string, head: string, branch: string | null): Promise<boolean> {
  const refs = await askGit(path, [
    'for-each-ref',
    '--contains',
    head,
    '--format=%(refname)',
    'refs/heads',
    'refs/remotes',
  ])
  return (refs ?? '').split('\n').some((ref) => ref !== '' && ref !== `refs/heads/${branch ?? ''}`)
}

async function moveToTrash(path: string, { trash_dir, now = Date.now }: RetireOptions): Promise<string> {
  mkdirSync(trash_dir, { recursive: true, mode: 0o700 })
  const stamp = new Date(now()).toISOString().replace(/[-:]|\..*/g, '')
  let target = join(trash_dir, `${basename(path)}-${stamp}`)
  for (let n = 2; lstatSync(target, { throwIfNoEntry: false }); n++) {
    target = join(trash_dir, `${basename(path)}-${stamp}-${n}`)
  }
  try {
    renameSync(path, target)
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error
    await copyToOtherDevice(path, target)
  }
  return target
}

/** `cp` keeps modes, times, links and extended attributes; Node's own copy (experimental in 18) does not. */
async function copyToOtherDevice(path: string, target: string): Promise<void> {
  try {
    await run('cp', ['-pPR', path, target])
  } catch (error) {
    rmSync(target, { recursive: true, force: true })
    throw error
  }
  rmSync(path, { recursive: true, force: true })
}
