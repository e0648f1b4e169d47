import { lazily } from '../../../contract/index.ts'
import { execFile } from 'node:child_process'
import { lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { count } from '../../../formats/count.ts'
import { askGit, git } from '../git/git.ts'
import { listWorktrees, samePath } from '../git/git-worktrees.ts'
import { keepForgotten } from '../git/keep-commits.ts'
import { readMarker } from './marker.ts'
import { observe } from './observe.ts'
import { unsavedRepositories, whatIsInside, whatIsOnlyIn } from '../git/only-here.ts'
import { errorCode } from '../../home/system-error.ts'
import { readWorktreeMarker } from './worktree-marker.ts'

const run = lazily(() => promisify(execFile))

export interface RetireOptions {
  /** The board's trash; created if missing. */
  trash_dir: string
  now?: () => number
}

/** The workspace's new path, or the sentence that says why it stays. */
export type Retired = { moved_to: string } | { kept: string }

/**
 * Why a workspace must not be moved to the trash. A folder without a matching marker belongs to the user. A worktree
 * may go only if nothing would be lost with it: it is clean, and another branch contains its last commit.
 *
 * @returns a sentence, or null if it may be moved
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

/** Whether a folder may be a linked worktree: its `.git` is a file, not a folder. */
function isWorktree(path: string): boolean {
  return lstatSync(join(path, '.git'), { throwIfNoEntry: false })?.isFile() === true
}

/** Moves a workspace that Runboard created to the trash, unless there is a reason to keep it. Nothing is deleted. */
export async function retireWorkspace(path: string, options: RetireOptions): Promise<Retired> {
  const reason = await whyKeep(path)
  if (reason !== null) return { kept: reason }
  // A folder with the marker inside is moved as a plain folder, even if its worker made a `.git` file there: a worktree
  // has its marker in its git folder.
  if (!isWorktree(path) || readMarker(path) !== null) return { moved_to: await moveToTrash(path, options) }
  const [main] = await listWorktrees(path)
  return {
    moved_to: main ? await moveWorktreeToTrash(path, main.path, options) : await moveToTrash(path, options),
  }
}

/**
 * Moves the folder of a worktree as it is, and removes the worktree from git's list. Its branch stays. The caller must
 * have checked that no work exists only there.
 *
 * @returns the folder's new path
 */
export async function moveWorktreeToTrash(
  path: string,
  repository: string,
  options: RetireOptions,
): Promise<string> {
  // Commits that only the worktree's reflog names would be lost when git forgets the worktree.
  await keepForgotten(path)
  const moved_to = await moveToTrash(path, options)
  // The folder is no longer there, so this only removes the worktree from git's list. Not with `prune`, which would
  // remove others too, nor with `--force`, which would delete a folder that another process created there meanwhile.
  await git(repository, ['worktree', 'remove', path])
  return moved_to
}

async function whyKeepWorktree(path: string): Promise<string | null> {
  const observed = await observe(path)
  if (observed === null) return `${path} is no longer a worktree.`
  if (observed.dirty_files > 0) {
    return `The worktree ${path} has changes that are not committed (${count(observed.dirty_files ?? 0, 'file')}).`
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

/** Whether a branch other than the worktree's own, local or remote, contains its last commit. */
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
  // Two workspaces of the same name may be moved within a second.
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

/**
 * `cp` keeps modes, times and symbolic links, and copies FIFOs. Node's `fs.cp` (in Node 24) loses the times of
 * folders and refuses a FIFO.
 */
async function copyToOtherDevice(path: string, target: string): Promise<void> {
  try {
    await run()('cp', ['-pPR', path, target])
  } catch (error) {
    rmSync(target, { recursive: true, force: true })
    throw error
  }
  rmSync(path, { recursive: true, force: true })
}
