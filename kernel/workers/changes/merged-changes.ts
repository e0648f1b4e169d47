import { statSync } from 'node:fs'
import { askGit } from '../git/git.ts'
import { knownCommit } from '../git/git-refs.ts'
import { listWorktrees } from '../git/git-worktrees.ts'
import { WorkerSetupError } from '../setup-error.ts'

/** The facts that a merge records. */
export interface RecordedMerge {
  into: string | null
  commit: string | null
  base: string | null
  head: string | null
}

/** Two commits of a repository. */
export interface MergedRange {
  repository: string
  worktree: null
  base: string
  head: string
}

/**
 * Finds the commits between which merged work lies. If git has removed them, the commit that brought the work in is
 * used instead.
 *
 * @param folder of the repository; null when the board has none any more
 * @throws WorkerSetupError with a sentence when the diff can no longer be shown
 */
export async function findMerged(folder: string | null, merge: RecordedMerge): Promise<MergedRange> {
  const isThere = folder !== null && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (!isThere || (await askGit(folder, ['rev-parse', '--git-dir'])) === null) {
    throw new WorkerSetupError(
      `${mergedSentence(merge)} The diff is in the repository; the board no longer has one.`,
    )
  }
  const repository = (await listWorktrees(folder))[0]?.path ?? folder
  const base = await knownCommit(repository, merge.base)
  const head = await knownCommit(repository, merge.head)
  if (base !== null && head !== null) return { repository, worktree: null, base, head }
  const commit = await knownCommit(repository, merge.commit)
  const [parent] = commit === null ? [] : await parentsOf(repository, commit)
  if (commit !== null && parent !== undefined) {
    return { repository, worktree: null, base: parent, head: commit }
  }
  const why =
    merge.head === null
      ? 'Its commits were not recorded'
      : `The repository does not have its commits any more (${short(merge.base)} to ${short(merge.head)})`
  throw new WorkerSetupError(`${mergedSentence(merge)} ${why}, so there is no diff to show.`)
}

/** @returns the parents of a commit, the first one first */
export async function parentsOf(repository: string, commit: string): Promise<string[]> {
  const line = await askGit(repository, ['rev-list', '--parents', '--max-count=1', commit])
  return (line ?? '').split(' ').slice(1)
}

/** `Merged as ea3b246f1 into main.` */
export function mergedSentence({ into, commit }: Pick<RecordedMerge, 'into' | 'commit'>): string {
  const as = commit === null ? '' : ` as ${short(commit)}`
  return `Merged${as}${into === null ? '' : ` into ${into}`}.`
}

function short(commit: string | null): string {
  return commit?.slice(0, 9) ?? 'unknown'
}
