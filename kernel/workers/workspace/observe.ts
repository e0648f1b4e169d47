import { askGit, git } from '../git/git.ts'
import { currentBranch, knownCommit } from '../git/git-refs.ts'
import { readStatus } from '../git/read-status.ts'

/** What git says about a workspace that is a repository or lies in one. Files are counted only within the workspace. */
export interface Observed {
  /** The commit that is checked out; null before the first commit. */
  head: string | null
  /** The branch that is checked out; null when `head` is detached. */
  branch: string | null
  /** The number of files with uncommitted changes, including new files but not ignored ones. A rename counts once. */
  dirty_files: number
  /**
   * The number of commits in `head` that `base` does not have (or `head_before`, if this repository does not know
   * `base`); null when it knows neither, and before the first commit.
   */
  commits_ahead: number | null
  /**
   * The files that differ from `head_before`, committed or not; if this repository does not know `head_before`, from
   * `head`. Paths are relative to the workspace and sorted; at most 200 are listed.
   */
  files_changed: string[]
  /** The number of all files that differ, listed or not. */
  files_changed_count: number
}

export interface ObserveOptions {
  /** The commit that was checked out before the run. */
  head_before?: string | null
  /** The commit or branch that the work starts from. */
  base?: string | null
}

const LISTED_FILES = 200

/**
 * Inspects a workspace without changing it.
 *
 * @returns null when the workspace is not in the working tree of a repository that git can use
 * @throws WorkerSetupError when git or the folder is missing, or git fails after that (GitError)
 */
export async function observe(path: string, options: ObserveOptions = {}): Promise<Observed | null> {
  if ((await askGit(path, ['rev-parse', '--is-inside-work-tree'])) !== 'true') return null
  const head = await askGit(path, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
  const before = await knownCommit(path, options.head_before)
  const base = (await knownCommit(path, options.base)) ?? before
  // Only files below this folder: a workspace may be a small part of a large repository.
  const uncommitted = (await readStatus(path, { untracked: 'all', below: true, renames: true })).map(
    (entry) => entry.path,
  )
  const since = before ?? head
  // `git diff` with one commit compares it with the working tree. It leaves out new files; the status has them.
  const differing =
    since === null
      ? ''
      : await git(path, ['diff', '--name-only', '--no-renames', '-z', '--relative', since, '--', '.'])
  // The status gives paths from the root of the repository, the diff from this folder.
  const prefix = await askGit(path, ['rev-parse', '--show-prefix'])
  const files = new Set([
    ...differing.split('\0').filter((file) => file !== ''),
    ...uncommitted.map((file) => (prefix && file.startsWith(prefix) ? file.slice(prefix.length) : file)),
  ])
  return {
    head,
    branch: await currentBranch(path),
    dirty_files: uncommitted.length,
    commits_ahead: base === null || head === null ? null : await countCommits(path, base, head),
    files_changed: [...files].sort().slice(0, LISTED_FILES),
    files_changed_count: files.size,
  }
}

async function countCommits(path: string, from: string, to: string): Promise<number | null> {
  const count = await askGit(path, ['rev-list', '--count', `${from}..${to}`])
  return count === null ? null : Number(count)
}
