import { askGit } from './git.ts'

/**
 * The short name of the branch that a folder has checked out; null when detached. `--short` would print some names in
 * full.
 */
export async function currentBranch(folder: string): Promise<string | null> {
  const full = await askGit(folder, ['symbolic-ref', '--quiet', 'HEAD'])
  return full?.startsWith('refs/heads/') ? full.slice('refs/heads/'.length) : null
}

/** The full id of a commit that exists here; null for anything else. */
export async function knownCommit(folder: string, name: string | null | undefined): Promise<string | null> {
  // git 2.29 and older read --end-of-options as a name; no revision begins with a dash.
  if (!name || name.startsWith('-')) return null
  return askGit(folder, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])
}

/** The commit of a local branch; null without such a branch. */
export async function branchCommit(folder: string, branch: string): Promise<string | null> {
  // Not with rev-parse, which would accept `dev~1` as a branch.
  return askGit(folder, ['show-ref', '--verify', '--hash', `refs/heads/${branch}`])
}

/** Whether one commit is the other, or comes before it. False where a commit does not exist. */
export async function isAncestor(folder: string, commit: string, of: string): Promise<boolean> {
  return (await askGit(folder, ['merge-base', '--is-ancestor', commit, of])) !== null
}

/** Short names of local branches. @param filters of `git for-each-ref`, such as `--contains COMMIT` */
export async function localBranches(folder: string, filters: readonly string[] = []): Promise<string[]> {
  const listed = await askGit(folder, ['for-each-ref', ...filters, '--format=%(refname)', 'refs/heads'])
  return (listed ?? '')
    .split('\n')
    .filter((name) => name !== '')
    .map((name) => name.slice('refs/heads/'.length))
}
