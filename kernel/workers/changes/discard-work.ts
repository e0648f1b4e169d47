import { askGit, git } from '../git/git.ts'
import { branchCommit } from '../git/git-refs.ts'
import { listWorktrees, samePath } from '../git/git-worktrees.ts'
import { whatIsOnlyIn } from '../git/only-here.ts'
import { moveWorktreeToTrash, type RetireOptions } from '../workspace/retire.ts'
import { WorkerSetupError } from '../setup-error.ts'
import type { Work } from './locate-work.ts'

export interface Discarded {
  /** The folder's new path, with all uncommitted files. */
  moved_to: string
  /** The branch that keeps the commits. */
  branch: string
}

/**
 * Removes a task's worktree: the folder is moved to the trash as it is, the commits stay on their branch. Nothing is
 * lost.
 *
 * @throws WorkerSetupError with a sentence when the folder is not ours to move
 */
export async function discardWork(work: Work, options: RetireOptions): Promise<Discarded> {
  const { worktree, marker, task_id } = work
  if (worktree === null)
    throw new WorkerSetupError(`Task ${task_id} no longer has a worktree; its branch stays.`)
  if (marker?.task_id !== task_id) {
    throw new WorkerSetupError(
      `Runboard did not make the worktree ${worktree} for task ${task_id}, so it stays.`,
    )
  }
  const listed = (await listWorktrees(work.repository)).find(({ path }) => samePath(path, worktree))
  if (listed?.locked === true) throw new WorkerSetupError(`The worktree ${worktree} is locked.`)
  const reason = await whatIsOnlyIn(worktree)
  if (reason !== null) throw new WorkerSetupError(reason)
  const branch = work.branch ?? (await keepDetached(work))
  if ((await branchCommit(work.repository, branch)) !== work.head) {
    throw new WorkerSetupError(
      `The branch ${branch} does not have commit ${work.head.slice(0, 9)} of the worktree ${worktree}, so it stays.`,
    )
  }
  const moved_to = await moveWorktreeToTrash(worktree, work.repository, options)
  return { moved_to, branch }
}

/** Commits that no branch contains would be forgotten with the worktree. */
async function keepDetached({ repository, head, task_id }: Work): Promise<string> {
  for (let n = 1; ; n++) {
    const name = `runboard/kept/${task_id}${n === 1 ? '' : `-${n}`}`
    const taken = await askGit(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${name}`])
    if (taken !== null && taken !== head) continue
    if (taken === null) await git(repository, ['branch', '--no-track', name, head])
    return name
  }
}
