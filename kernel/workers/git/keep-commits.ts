import { basename } from 'node:path'
import { askGit, git } from './git.ts'

/**
 * Refs for commits that nothing else refers to. They are not branches, so that lists of branches do not show them.
 */
const KEPT_REFS = 'refs/runboard/kept'
const AUTHOR = ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']
/** The most parents of one commit; more would not fit a command line. */
const MOST_PARENTS = 200

/**
 * Keeps, under one ref, what git would forget with a worktree: commits that only its reflog or its own refs name
 * (amended, reset or rebased away, marked by a bisect), and staged content that is neither committed nor in a file.
 *
 * @returns the ref, or null when there is nothing to keep
 */
export async function keepForgotten(worktree: string): Promise<string | null> {
  const reflog = await askGit(worktree, ['reflog', 'show', '--format=%H', 'HEAD'])
  const own = await askGit(worktree, [
    'for-each-ref',
    '--format=%(objectname)',
    'refs/bisect',
    'refs/worktree',
    'refs/rewritten',
  ])
  const original = await askGit(worktree, ['rev-parse', '--verify', '--quiet', 'ORIG_HEAD^{commit}'])
  const named = [reflog, own, original].flatMap((text) => (text ?? '').split('\n')).filter(Boolean)
  const forgotten = await withoutBranch(worktree, [...new Set(named)])
  const staged = await stagedOnly(worktree)
  const parents = [...(staged === null ? [] : [staged]), ...forgotten].slice(0, MOST_PARENTS)
  if (parents.length === 0) return null
  const message = `What the worktree ${basename(worktree)} held beside its branch`
  const commit = await git(worktree, [
    ...AUTHOR,
    'commit-tree',
    `${parents[0] ?? ''}^{tree}`,
    ...parents.flatMap((parent) => ['-p', parent]),
    '-m',
    message,
  ])
  const ref = `${KEPT_REFS}/${basename(worktree)}-${commit.trim().slice(0, 9)}`
  await git(worktree, ['update-ref', ref, commit.trim()])
  return ref
}

/** The commits that no branch, tag, remote branch or stash contains. */
async function withoutBranch(worktree: string, commits: readonly string[]): Promise<string[]> {
  if (commits.length === 0) return []
  const rest = ['--not', '--branches', '--tags', '--remotes', '--glob=refs/stash', '--glob=refs/runboard']
  const listed = await askGit(worktree, ['rev-list', '--ignore-missing', ...commits, ...rest])
  const lost = new Set((listed ?? '').split('\n').filter(Boolean))
  return commits.filter((commit) => lost.has(commit))
}

/** A commit of the index, if it holds a version of a file that is neither committed nor in the folder; else null. */
async function stagedOnly(worktree: string): Promise<string | null> {
  const status = await git(worktree, [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=no',
    '--no-renames',
  ])
  if (!status.split('\0').some((entry) => /^[MAT][MDT]/.test(entry))) return null
  const tree = (await git(worktree, ['write-tree'])).trim()
  const commit = [...AUTHOR, 'commit-tree', tree, '-p', 'HEAD', '-m', 'What was staged']
  return (await git(worktree, commit)).trim()
}
