import { SECOND } from '../../../formats/time.ts'
import { askGit, git } from '../git/git.ts'
import { isAncestor } from '../git/git-refs.ts'
import type { Work } from './locate-work.ts'
import { countUncommitted } from './read-changes.ts'

/** How the work of a task reached another branch. */
export interface MergeFacts {
  /** The branch that contains it. */
  into: string
  /** The merge commit, or the newest commit that brought the work in. */
  commit: string
  /** The merged work lies between these two commits. */
  base: string
  head: string
  /** Milliseconds since the epoch. */
  at: number
  by: string
}

export type MergeSight =
  | { state: 'nothing' }
  | { state: 'not_merged'; commits: number; uncommitted: number }
  | { state: 'merged'; merge: MergeFacts }

/**
 * Finds out whether the work of a task is in its target branch, however it got there: by a merge, a fast-forward, a
 * rebase or a squash. Uncommitted files count as unmerged work.
 */
export async function lookAtMerge(work: Work): Promise<MergeSight> {
  const uncommitted = work.worktree === null ? 0 : await countUncommitted(work.worktree)
  const start = work.start.commit
  const commits = await countCommits(work.repository, start, work.head)
  if (uncommitted > 0 || work.reverted !== null) return { state: 'not_merged', commits, uncommitted }
  for (const target of await targetsOf(work)) {
    const merge = await mergedInto(work, start, target)
    if (merge !== null) return commits === 0 ? { state: 'nothing' } : { state: 'merged', merge }
  }
  return commits === 0 ? { state: 'nothing' } : { state: 'not_merged', commits, uncommitted }
}

interface Branch {
  name: string
  commit: string
}

/** The target itself and its remote counterparts: work is often merged there, by a pull request. */
async function targetsOf({ repository, target, branch }: Work): Promise<Branch[]> {
  if (target === null) return []
  const format = '--format=%(objectname) %(refname)'
  const remotes = await askGit(repository, ['for-each-ref', format, 'refs/remotes'])
  const copies = (remotes ?? '').split('\n').flatMap((line): Branch[] => {
    const [, commit, remote, name] = /^(\S+) refs\/remotes\/([^/]+)\/(.+)$/.exec(line) ?? []
    const isCopy = name === target.name && name !== branch
    return isCopy && commit && remote ? [{ name: `${remote}/${name}`, commit }] : []
  })
  return [target, ...copies]
}

async function countCommits(repository: string, from: string, to: string): Promise<number> {
  return Number((await askGit(repository, ['rev-list', '--count', `${from}..${to}`])) ?? 0)
}

async function mergedInto(work: Work, start: string, target: Branch): Promise<MergeFacts | null> {
  const { repository, head } = work
  if (await isAncestor(repository, head, target.commit)) {
    return mergedByCommit(repository, start, head, target)
  }
  const base = await askGit(repository, ['merge-base', target.commit, head])
  if (base === null) return null
  const commit = (await rebasedAs(repository, head, target)) ?? (await squashedAs(work, base, target))
  return commit === null ? null : factsOf(repository, { into: target.name, commit, base, head })
}

/** The head is in the target: by a merge commit on its first-parent line, or by a fast-forward. */
async function mergedByCommit(
  repository: string,
  start: string,
  head: string,
  target: Branch,
): Promise<MergeFacts> {
  const range = [`${head}..${target.commit}`]
  const later = await askGit(repository, ['rev-list', '--first-parent', '--ancestry-path', ...range])
  const merge = (later ?? '').split('\n').filter(Boolean).at(-1)
  const before = merge === undefined ? null : await askGit(repository, ['rev-parse', `${merge}^1`])
  if (merge === undefined || before === null || before === head) {
    return factsOf(repository, { into: target.name, commit: head, base: start, head })
  }
  const fork = await askGit(repository, ['merge-base', before, head])
  return factsOf(repository, { into: target.name, commit: merge, base: fork ?? start, head })
}

/** Every commit has an equal in the target. @returns the newest of those */
async function rebasedAs(repository: string, head: string, target: Branch): Promise<string | null> {
  const marked = (side: string) =>
    askGit(repository, ['rev-list', '--no-merges', '--cherry-mark', side, `${target.commit}...${head}`])
  const own = ((await marked('--right-only')) ?? '').split('\n').filter(Boolean)
  if (own.length === 0 || own.some((line) => !line.startsWith('='))) return null
  const like = ((await marked('--left-only')) ?? '').split('\n').find((line) => line.startsWith('='))
  return like?.slice(1) ?? null
}

/** One commit of the target makes the same change as the whole work. */
async function squashedAs({ repository, head }: Work, base: string, target: Branch): Promise<string | null> {
  // A loose object that nothing refers to; git will remove it some day.
  const author = ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']
  const squash = [...author, 'commit-tree', `${head}^{tree}`, '-p', base, '-m', 'squash']
  const whole = (await git(repository, squash)).trim()
  return rebasedAs(repository, whole, target)
}

async function factsOf(repository: string, merge: Omit<MergeFacts, 'at' | 'by'>): Promise<MergeFacts> {
  const said = await git(repository, [
    'log',
    '-1',
    '--no-show-signature',
    '--format=%ct%x1f%cn',
    merge.commit,
  ])
  const [at, by] = said.trim().split('\x1f')
  return { ...merge, at: Number(at) * SECOND, by: by ?? '' }
}
