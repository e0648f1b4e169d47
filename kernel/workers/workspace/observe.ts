import { askGit, git } from '../git/git.ts'
import { currentBranch, knownCommit } from '../git/git-refs.ts'
import { readStatus } from '../git/read-status.ts'

/** Observed facts of a workspace that is a git repository, or lies in one. */
export interface Observed {
  /** The commit that is checked out; null before the first commit. */
  head: string | null
  branch: string | null
  /** Files with uncommitted changes, including new files but not ignored ones. */
  dirty_files: number
  /** Commits since `base`, else since `head_before`; null when there is neither, or they share no history. */
  commits_ahead: number | null
  /** Files that differ from `head_before` (else from the last commit), committed or not: relative paths, sorted. */
  files_changed: string[]
  /** Their number; the list is cut at 200. */
  files_changed_count: number
}

export interface ObserveOptions {
  /** `head` before the run. */
  head_before?: string | null
  /** The commit or branch that the work starts from. */
  base?: string | null
}

const LISTED_FILES = 200

/** Inspects a workspace without changing it. null when it is not under git. Other git errors are thrown. */
export async function observe(path: string, options: ObserveOptions = {}): Promise<Observed | null> {
  if ((await askGit(path, ['rev-parse', '--is-inside-work-tree'])) !== 'true') return null
  const head = await askGit(path, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  const before = await knownCommit(path, options.head_before)
  const base = (await knownCommit(path, options.base)) ?? before
  // Limited to this folder: a workspace may be a small part of a large repository.
  const dirty = (await readStatus(path, { untracked: 'all', below: true, renames: true })).map(
    (entry) => entry.path,
  )
  const since = before ?? head
  const committed =
    since === null
      ? ''
      : await git(path, ['diff', '--name-only', '--no-renames', '-z', '--relative', since, '--', '.'])
  const prefix = await askGit(path, ['rev-parse', '--show-prefix'])
  const files = new Set([
    ...committed.split('\0').filter((file) => file !== ''),
    ...dirty.map((file) => (prefix && file.startsWith(prefix) ? file.slice(prefix.length) : file)),
  ])
  return {
    head,
    branch: await currentBranch(path),
    dirty_files: dirty.length,
    commits_ahead: base === null || head === null ? null : await countCommits(path, base, head),
    files_changed: [...files].sort().slice(0, LISTED_FILES),
    files_changed_count: files.size,
  }
}

async function countCommits(path: string, from: string, to: string): Promise<number | null> {
  const count = await askGit(path, ['rev-list', '--count', `${from}..${to}`])
  return count === null ? null : Number(count)
}
