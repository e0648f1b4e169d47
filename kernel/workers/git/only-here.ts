import { existsSync, lstatSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { askGit, git } from './git.ts'
import { readRegular } from '../../home/regular-file.ts'

/** How many names a sentence lists. */
const NAMED = 3
/** The largest `.git` file of a worktree, in bytes; it holds one line. */
const LARGEST_LINK = 64 * 1024
/** The most submodule commits that are looked up one by one in the main checkout's copy of the submodule. */
const MOST_COMMITS = 500

/** Files in a worktree's git folder while an operation is half done, and the name of the operation. */
const IN_PROGRESS = [
  ['rebase-merge', 'a rebase'],
  ['rebase-apply/applying', 'applying patches'],
  ['rebase-apply', 'a rebase'],
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['sequencer', 'a cherry-pick or revert'],
  ['BISECT_LOG', 'a bisect'],
] as const

/**
 * Why a worktree must not be removed although its branch stays: an operation is half done, another worktree lies
 * inside it, or submodules have work of their own, which git keeps in the worktree's git folder and deletes with it.
 *
 * @returns a sentence, or null when nothing would be lost
 */
export async function whatIsOnlyIn(worktree: string): Promise<string | null> {
  const gitDir = await gitDirOf(worktree)
  const half = halfDone(gitDir)
  if (half !== null) return `The worktree ${worktree} is in the middle of ${half}. Finish or abort it.`
  const inside = await whatIsInside(worktree)
  if (inside !== null) return inside
  const commonDir = resolve(worktree, (await git(worktree, ['rev-parse', '--git-common-dir'])).trim())
  const modules = join(gitDir, 'modules')
  const found: string[] = []
  for (const store of await gitFoldersIn(modules)) {
    const name = relative(modules, store)
    found.push(...(await lostOfSubmodule(store, join(commonDir, 'modules', name), name)))
  }
  if (found.length === 0) return null
  return `The worktree ${worktree} holds work of submodules that exists nowhere else: ${found.join('; ')}. Push or commit it there first.`
}

async function gitDirOf(worktree: string): Promise<string> {
  return (await git(worktree, ['rev-parse', '--absolute-git-dir'])).trim()
}

function halfDone(gitDir: string): string | null {
  return IN_PROGRESS.find(([file]) => existsSync(join(gitDir, file)))?.[1] ?? null
}

/** The operation that is half done in a working tree, such as `a merge`; null for none. */
export async function whatIsHalfDone(worktree: string): Promise<string | null> {
  return halfDone(await gitDirOf(worktree))
}

/**
 * @returns a sentence when other worktrees, of any repository, lie in a folder: git would not find them after a move
 */
export async function whatIsInside(folder: string): Promise<string | null> {
  const worktrees = (await gitLinksBelow(folder)).filter(isLinkedWorktree)
  if (worktrees.length === 0) return null
  const names = shorten(worktrees.map((path) => relative(folder, path)))
  return `${folder} has other worktrees in it (${names}). Remove them first: git worktree remove.`
}

/** Repositories below a folder that keep their history in it and have something that no remote has. */
export async function unsavedRepositories(folder: string): Promise<string | null> {
  const found: string[] = []
  for (const path of await gitFilesBelow(folder)) {
    if (!lstatSync(join(path, '.git')).isDirectory()) continue
    const only = await askGit(path, ['rev-list', '--max-count=1', '--all', '--not', '--remotes'])
    const dirty = await askGit(path, ['status', '--porcelain', '--untracked-files=all'])
    if (only !== '' || dirty !== '') found.push(relative(folder, path))
  }
  if (found.length === 0) return null
  return `The worktree ${folder} has repositories of their own in it with work that is not pushed (${shorten(found)}).`
}

/** What a submodule has that is neither on its remote nor in the main checkout's copy. */
async function lostOfSubmodule(store: string, main: string, name: string): Promise<string[]> {
  const at = (...args: string[]) => askGit(store, ['--git-dir', store, ...args])
  const found: string[] = []
  if ((await at('rev-parse', '--verify', '--quiet', 'refs/stash')) !== null) found.push(`a stash in ${name}`)
  const own = ['--all', '--reflog', 'HEAD', '--not', '--remotes']
  const listed = await at('rev-list', `--max-count=${MOST_COMMITS}`, ...own)
  // git could not tell: assume that it holds work.
  if (listed === null) return [...found, `${name}, which git cannot read`]
  const commits = await missingFrom(main, listed.split('\n').filter(Boolean))
  if (commits.length > 0) found.push(`commit ${shorten(commits.map((id) => id.slice(0, 9)))} in ${name}`)
  const folder = await at('config', '--get', 'core.worktree')
  const work = folder === null ? null : resolve(store, folder)
  if (work === null || !existsSync(join(work, '.git'))) return found
  const status = await askGit(work, [
    'status',
    '--porcelain',
    '--untracked-files=all',
    '--ignore-submodules=all',
  ])
  if (status !== '') found.push(`uncommitted files in ${name}`)
  return found
}

/** The commits that no branch or tag of a repository contains; only the first MOST_COMMITS are looked up. */
async function missingFrom(repository: string, commits: readonly string[]): Promise<string[]> {
  if (!existsSync(join(repository, 'HEAD'))) return [...commits]
  const missing: string[] = []
  for (const commit of commits) {
    const question = ['--git-dir', repository, 'rev-list', '--max-count=1', commit, '--not', '--all']
    if ((await askGit(repository, question)) !== '') missing.push(commit)
    if (missing.length > NAMED) break
  }
  return missing
}

function isLinkedWorktree(path: string): boolean {
  try {
    const link = /^gitdir: (.+)$/m.exec(readRegular(join(path, '.git'), LARGEST_LINK).toString('utf8'))?.[1]
    return link !== undefined && existsSync(join(resolve(path, link.trim()), 'commondir'))
  } catch {
    return false
  }
}

/** Folders with a `.git` file (not a folder) below a folder. */
async function gitLinksBelow(folder: string): Promise<string[]> {
  return (await gitFilesBelow(folder)).filter((path) => lstatSync(join(path, '.git')).isFile())
}

/** Folders below a folder, without itself, that have a `.git` of either kind. Links are not followed. */
async function gitFilesBelow(folder: string): Promise<string[]> {
  const found: string[] = []
  const open = [folder]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    // A folder that cannot be listed cannot be searched; if it matters, moving the folder will fail.
    const entries = await readdir(at, { withFileTypes: true }).catch(() => [])
    if (at !== folder && entries.some(({ name }) => name === '.git')) found.push(at)
    for (const entry of entries) {
      if (entry.isDirectory() && entry.name !== '.git') open.push(join(at, entry.name))
    }
  }
  return found.sort()
}

/** The git folders below a folder: those of submodules, and of submodules within them. */
async function gitFoldersIn(folder: string): Promise<string[]> {
  const found: string[] = []
  const open = existsSync(folder) ? [folder] : []
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const entries = await readdir(at, { withFileTypes: true })
    const has = (name: string) => entries.some((entry) => entry.name === name)
    const isStore = has('HEAD') && has('objects')
    if (isStore) found.push(at)
    // In a git folder only `modules` holds more of them; the name of a submodule may have slashes.
    const below = entries.filter((entry) => entry.isDirectory() && (!isStore || entry.name === 'modules'))
    open.push(...below.map((entry) => join(at, entry.name)))
  }
  return found.sort()
}

function shorten(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : ''
  return `${names.slice(0, NAMED).join(', ')}${more}`
}
