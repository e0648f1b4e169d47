import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { askGit, git } from '../git/git.ts'
import { GitError } from '../git/git-error.ts'
import { readStatus } from '../git/read-status.ts'
import { NotRegularFileError, readRegular, statRegular } from '../../home/regular-file.ts'
import { errorCode } from '../../home/system-error.ts'
import { linksIn, strayRepositories } from './gitlinks.ts'
import type { Work } from './locate-work.ts'
import {
  type FilePatch,
  type FileStat,
  type LineBudget,
  parseFilePatch,
  parseNumstat,
  patchOfNewFile,
  splitPatch,
} from './parse-patch.ts'

export interface Commit {
  id: string
  author: string
  /** Milliseconds since the epoch. */
  at: number
  subject: string
}

export interface ChangedFile extends FileStat, FilePatch {
  /** false for a file that git does not know yet. */
  tracked: boolean
  /** At least a part of its change is not committed. */
  uncommitted: boolean
  /** The kind of entry: `repository` is one that is not a submodule, left there by a worker. */
  entry: 'file' | 'submodule' | 'repository'
  /** The digest of the whole change, even if the diff is cut; null when it was not read. */
  digest: string | null
}

export interface Changes {
  commits: Commit[]
  commits_count: number
  files: ChangedFile[]
  files_count: number
  /** Files with uncommitted changes, including new files. */
  uncommitted: number
}

const MOST_COMMITS = 100
const MOST_FILES = 300
const MOST_LINES = 10_000
/** A larger new file is not shown. */
const LARGEST_NEW_FILE = 200_000

/** Gives the same output under any configuration; `git()` adds what disables programs and colours. */
const PLAIN = ['--submodule=short', '--find-renames', '--src-prefix=a/', '--dst-prefix=b/']

/** Work to read: a worktree with all its content, else the commits from `base` to `head`. */
export type ReadableWork = Pick<Work, 'repository' | 'worktree' | 'base' | 'head'>

/**
 * Reads the changes of a task's work, committed or not, without changing anything. Too long a diff is cut, and marked
 * as cut.
 */
export async function readChanges(work: ReadableWork): Promise<Changes> {
  const folder = work.worktree ?? work.repository
  const range = work.worktree === null ? [work.base, work.head] : [work.base]
  const stats = parseNumstat(await git(folder, ['diff', ...PLAIN, '--numstat', '-z', ...range, '--']))
  const dirty = new Set(work.worktree === null ? [] : await uncommittedFiles(work.worktree))
  const stray = new Set(await strayRepositories(work))
  const links = new Set(await linksIn(work))
  const marks = (path: string): Pick<ChangedFile, 'uncommitted' | 'entry'> => ({
    uncommitted: dirty.has(path),
    entry: stray.has(path) ? 'repository' : links.has(path) ? 'submodule' : 'file',
  })
  const budget: LineBudget = { lines: MOST_LINES }
  const patches = await readPatches(folder, range, stats.length)
  const tracked = stats.slice(0, MOST_FILES).map((stat, index): ChangedFile => {
    const part = patches?.[index]
    const patch: FilePatch =
      part === undefined
        ? { change: 'modified', binary: stat.additions === null, hunks: [], cut: true }
        : parseFilePatch(part, budget)
    return { ...stat, ...patch, ...marks(stat.path), tracked: true, digest: digestOf(part) }
  })
  const untracked = work.worktree === null ? [] : await untrackedFiles(work.worktree)
  const fresh = untracked.slice(0, Math.max(0, MOST_FILES - tracked.length)).map((path): ChangedFile => {
    const name = path.replace(/\/$/, '')
    return { ...newFile(work.worktree ?? folder, name, budget), ...marks(name), uncommitted: true }
  })
  return {
    ...(await readCommits(folder, work)),
    files: [...tracked, ...fresh],
    files_count: stats.length + untracked.length,
    uncommitted: dirty.size,
  }
}

/** Like `readChanges`, but returns only the file counts that are shown beside the link to the diff. */
export async function countChanges(
  work: ReadableWork,
): Promise<Pick<Changes, 'files_count' | 'uncommitted'>> {
  const folder = work.worktree ?? work.repository
  const range = work.worktree === null ? [work.base, work.head] : [work.base]
  const stats = parseNumstat(await git(folder, ['diff', ...PLAIN, '--numstat', '-z', ...range, '--']))
  const untracked = work.worktree === null ? [] : await untrackedFiles(work.worktree)
  const uncommitted = work.worktree === null ? 0 : await countUncommitted(work.worktree)
  return { files_count: stats.length + untracked.length, uncommitted }
}

/** null when the patches are too large to hold: then only the counts are shown. */
async function readPatches(
  folder: string,
  range: readonly string[],
  files: number,
): Promise<string[] | null> {
  try {
    const parts = splitPatch(await git(folder, ['diff', ...PLAIN, '--patch', '--unified=3', ...range, '--']))
    return parts.length === files ? parts : null
  } catch (error) {
    if (error instanceof GitError && error.exit_code === null) return null
    throw error
  }
}

async function readCommits(
  folder: string,
  { base, head }: ReadableWork,
): Promise<Pick<Changes, 'commits' | 'commits_count'>> {
  const format = '--format=%H%x1f%an%x1f%at%x1f%s'
  const output = await git(folder, [
    'log',
    '-z',
    format,
    `--max-count=${MOST_COMMITS}`,
    `${base}..${head}`,
    '--',
  ])
  const commits = output.split('\0').flatMap((entry): Commit[] => {
    const [id, author, at, subject] = entry.split('\x1f')
    return id === undefined || subject === undefined
      ? []
      : [{ id, author: author ?? '', at: Number(at) * 1000, subject: subject.slice(0, 500) }]
  })
  const count = await askGit(folder, ['rev-list', '--count', `${base}..${head}`])
  return { commits, commits_count: Number(count ?? commits.length) }
}

async function untrackedFiles(folder: string): Promise<string[]> {
  const output = await git(folder, ['ls-files', '--others', '--exclude-standard', '-z', '--full-name', ':/'])
  return output.split('\0').filter((path) => path !== '')
}

/**
 * How many files have uncommitted changes.
 *
 * @param below only files below the folder, which may be a part of a working tree
 */
export async function countUncommitted(folder: string, { below = false } = {}): Promise<number> {
  return (await readStatus(folder, { untracked: 'all', below })).length
}

async function uncommittedFiles(folder: string): Promise<string[]> {
  return (await readStatus(folder, { untracked: 'all' })).map(({ path }) => path.replace(/\/$/, ''))
}

/** The commit that a folder is on if nothing in it is uncommitted; null otherwise, and outside git. */
export async function cleanHead(folder: string): Promise<string | null> {
  if ((await askGit(folder, ['rev-parse', '--is-inside-work-tree'])) !== 'true') return null
  if ((await countUncommitted(folder)) > 0) return null
  return askGit(folder, ['rev-parse', '--verify', '--quiet', 'HEAD'])
}

function newFile(
  folder: string,
  path: string,
  budget: LineBudget,
): Omit<ChangedFile, 'uncommitted' | 'entry'> {
  const text = textOf(join(folder, path))
  const { additions, ...patch } = patchOfNewFile(text, budget)
  return {
    path,
    old_path: null,
    additions,
    deletions: additions === null ? null : 0,
    ...patch,
    tracked: false,
    digest: digestOf(text ?? undefined),
  }
}

function digestOf(change: string | undefined): string | null {
  return change === undefined ? null : createHash('sha256').update(change).digest('hex').slice(0, 16)
}

/** null unless it is a plain text file. Links are not followed: they may lead anywhere. */
function textOf(path: string): string | null {
  try {
    const stats = statRegular(path)
    if (stats === null || stats.size > LARGEST_NEW_FILE) return null
    const bytes = readRegular(path, LARGEST_NEW_FILE)
    return bytes.includes(0) ? null : bytes.toString('utf8')
  } catch (error) {
    if (error instanceof NotRegularFileError || isUnreadable(error)) return null
    throw error
  }
}

/** It has gone since it was listed, or only the worker may read it. */
function isUnreadable(error: unknown): boolean {
  return ['ENOENT', 'EACCES', 'EPERM', 'ELOOP', 'ENXIO'].includes(errorCode(error) ?? '')
}
