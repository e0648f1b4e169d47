import { statSync } from 'node:fs'
import { askGit, listWorktrees } from '../git.ts'
import { knownCommit } from '../observe.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { readWorktreeMarker, type WorktreeMarker } from '../worktree.ts'

/** Which task's work is meant. */
export interface WorkRequest {
  task_id: string
  /** The task's worktree, where it has had one. */
  path: string | null
  /** The board's project. */
  project_dir: string | null
  /** null: `runboard/<task>`. */
  branch: string | null
  /** What the work started from; a branch of this name is what it goes back to. */
  base_ref: string | null
}

/** Where the work of a task is, and where it would go. */
export interface Work {
  task_id: string
  /** The main worktree of the repository. */
  repository: string
  /** The task's own folder; null when only its branch is left. */
  worktree: string | null
  marker: WorktreeMarker | null
  /** The branch that the work is on; null when detached. */
  branch: string | null
  head: string
  /** What it differs from: where it left the branch that it goes to, else where it started. */
  base: string
  /** The branch that it would be merged into; null where there is none, or it is its own. */
  target: { name: string; commit: string } | null
}

/**
 * Finds the work of a task in git: its worktree, or the branch that is left of it.
 *
 * @throws WorkerSetupError with a sentence when there is none
 */
export async function locateWork(request: WorkRequest): Promise<Work> {
  const worktree = await liveWorktree(request.path)
  const folder = worktree ?? (await repositoryWith(request))
  const head = await knownCommit(folder, worktree === null ? `refs/heads/${branchName(request)}` : 'HEAD')
  if (head === null) throw new WorkerSetupError(`Task ${request.task_id} has no commit to show.`)
  const branch =
    worktree === null
      ? branchName(request)
      : await askGit(worktree, ['symbolic-ref', '--quiet', '--short', 'HEAD'])
  const repository = (await listWorktrees(folder))[0]?.path ?? folder
  const marker = worktree === null ? null : await readWorktreeMarker(worktree)
  const target = await targetOf(repository, request.base_ref, branch)
  const fork = target === null ? null : await askGit(folder, ['merge-base', target.commit, head])
  const base = fork ?? (await knownCommit(folder, marker?.base)) ?? head
  return { task_id: request.task_id, repository, worktree, marker, branch, head, base, target }
}

function branchName({ branch, task_id }: WorkRequest): string {
  return branch ?? `runboard/${task_id}`
}

async function liveWorktree(path: string | null): Promise<string | null> {
  if (path === null || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return null
  return (await askGit(path, ['rev-parse', '--is-inside-work-tree'])) === 'true' ? path : null
}

async function repositoryWith(request: WorkRequest): Promise<string> {
  const { project_dir, task_id } = request
  const isThere =
    project_dir !== null &&
    statSync(project_dir, { throwIfNoEntry: false })?.isDirectory() === true &&
    (await knownCommit(project_dir, `refs/heads/${branchName(request)}`)) !== null
  if (isThere) return project_dir
  throw new WorkerSetupError(
    `Task ${task_id} has no worktree yet, and there is no branch ${branchName(request)}. Its first attempt makes both.`,
  )
}

async function targetOf(
  repository: string,
  baseRef: string | null,
  own: string | null,
): Promise<Work['target']> {
  const current = await askGit(repository, ['symbolic-ref', '--quiet', '--short', 'HEAD'])
  for (const name of [baseRef, current]) {
    if (name === null || name === own) continue
    const commit = await knownCommit(repository, `refs/heads/${name}`)
    if (commit !== null) return { name, commit }
  }
  return null
}
