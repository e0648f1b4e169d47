import { askGit } from '../git/git.ts'
import { branchCommit, currentBranch, knownCommit, localBranches } from '../git/git-refs.ts'
import type { WorktreeMarker } from './worktree-marker.ts'

/** The start of the work in a worktree. */
export interface WorkStart {
  /** Short name of the local branch that the work is merged into; null when it started from something else. */
  branch: string | null
  /** Full id of the commit. */
  commit: string
}

/**
 * Resolves the name given as a base. A remote branch stands for the local branch that follows it, if there is exactly
 * one: work cannot be merged into the remote branch itself.
 *
 * @param name a branch, tag, commit or any other revision; null: what the repository has checked out
 * @returns null when it names no commit
 */
export async function resolveStart(repository: string, name: string | null): Promise<WorkStart | null> {
  const asBranch = name === null ? null : await branchCommit(repository, name)
  if (asBranch !== null) return { branch: name, commit: asBranch }
  const revision = name ?? 'HEAD'
  const commit = await knownCommit(repository, revision)
  if (commit === null) return null
  const full = await askGit(repository, ['rev-parse', '--symbolic-full-name', revision])
  if (full?.startsWith('refs/heads/')) return { branch: full.slice('refs/heads/'.length), commit }
  const following = full?.startsWith('refs/remotes/') ? await followersOf(repository, full) : []
  return { branch: following.length === 1 ? (following[0] ?? null) : null, commit }
}

async function followersOf(repository: string, upstream: string): Promise<string[]> {
  const listed = await askGit(repository, ['for-each-ref', '--format=%(refname)%00%(upstream)', 'refs/heads'])
  return (listed ?? '').split('\n').flatMap((line) => {
    const [name = '', of] = line.split('\0')
    return of === upstream ? [name.slice('refs/heads/'.length)] : []
  })
}

/**
 * The start of an existing branch: where it left the branch that it is based on.
 *
 * @param own the branch of the work
 * @param head its commit
 */
export async function startOfBranch(
  repository: string,
  baseRef: string | null,
  own: string | null,
  head: string,
): Promise<WorkStart> {
  const base = await resolveStart(repository, baseRef)
  if (base === null || base.branch === own) return { branch: null, commit: base?.commit ?? head }
  const fork = await askGit(repository, ['merge-base', base.commit, head])
  return { branch: base.branch, commit: fork ?? base.commit }
}

/**
 * The start of work in an existing worktree, when no run has recorded it: from the marker, else inferred. A marker of
 * an earlier version names only the commit; then the branch is known only if exactly one contains it.
 *
 * @param own the branch that the worktree is on
 * @param head its checked-out commit
 */
export async function startOfWorktree(
  repository: string,
  marker: WorktreeMarker | null,
  baseRef: string | null,
  own: string | null,
  head: string,
): Promise<WorkStart> {
  if (marker === null) return startOfBranch(repository, baseRef, own, head)
  if (marker.base_branch !== undefined) return { branch: marker.base_branch, commit: marker.base }
  if (baseRef !== null && baseRef !== own && (await branchCommit(repository, baseRef)) !== null)
    return { branch: baseRef, commit: marker.base }
  const holders = await branchesHolding(repository, marker.base, own)
  return { branch: holders.length === 1 ? (holders[0] ?? null) : null, commit: marker.base }
}

/**
 * The person's branches that contain a commit: neither the work's own, nor those that Runboard created for other
 * tasks.
 */
export async function branchesHolding(
  repository: string,
  commit: string,
  own: string | null,
): Promise<string[]> {
  const names = await localBranches(repository, ['--contains', commit])
  const others = names.filter((name) => name !== own && !name.startsWith('runboard/'))
  // The checked-out branch comes first, as the most likely.
  const current = await currentBranch(repository)
  return others.sort((a, b) => Number(b === current) - Number(a === current))
}
