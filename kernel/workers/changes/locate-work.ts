import { statSync } from 'node:fs'
import { askGit } from '../git/git.ts'
import { branchCommit, currentBranch, knownCommit } from '../git/git-refs.ts'
import { commonDirOf, listWorktrees } from '../git/git-worktrees.ts'
import { whyNotOwn } from '../workspace/own-worktree.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { startOfBranch, startOfWorktree, type WorkStart } from '../workspace/work-start.ts'
import { readWorktreeMarker, type WorktreeMarker } from '../workspace/worktree-marker.ts'
import { findTarget, type Target } from './find-target.ts'

/** The task whose work is wanted. */
export interface WorkRequest {
  task_id: string
  /** The task's worktree, if it has had one. */
  path: string | null
  /** The board's project. */
  project_dir: string | null
  /** The board's folder for workspaces. */
  workspaces_dir: string | null
  /** The file that records which programs of the repository may run. */
  trust_file: string | null
  /** null: `runboard/<task>`. */
  branch: string | null
  /** The base that the task asked for. */
  base_ref: string | null
  /** The actual start of the work, as its runs recorded it; null when none did. */
  started_from: WorkStart | null
  /** The branch that a person chose to merge into; null: the one that the work started from. */
  into: string | null
  /** Set when the merge of the work was reverted, and the work was not merged again. */
  reverted: RevertedMerge | null
}

/** A merge that was reverted. */
export interface RevertedMerge {
  /** The commit that the merged work started from. */
  base: string
}

/** Where the work of a task is, and where it would be merged. */
export interface Work {
  task_id: string
  /** The project, or another folder of its repository. */
  repository: string
  trust_file: string | null
  /** The task's own folder; null when only its branch is left. */
  worktree: string | null
  marker: WorktreeMarker | null
  /** The branch that the work is on; null when detached. */
  branch: string | null
  head: string
  start: WorkStart
  /** The commit to compare with: where the work left its target branch, else where it started. */
  base: string
  /** The branch that it would be merged into; null when there is none. */
  target: Target | null
  /** A sentence that says why the work cannot be merged into that branch, or into any; null when it can. */
  target_refusal: string | null
  /** Set when its merge was reverted: the branch still has its commits, but not its changes. */
  reverted: RevertedMerge | null
}

/**
 * Finds the work of a task in git: its worktree, or the branch if only that is left.
 *
 * @throws WorkerSetupError with a sentence when there is none
 */
export async function locateWork(request: WorkRequest): Promise<Work> {
  await refuseForeign(request)
  const worktree = await liveWorktree(request.path)
  const folder = worktree ?? (await repositoryWith(request))
  const branch = worktree === null ? branchName(request) : await currentBranch(worktree)
  const head = await knownCommit(folder, worktree === null ? `refs/heads/${branch}` : 'HEAD')
  if (head === null) throw new WorkerSetupError(`Task ${request.task_id} has no commit to show.`)
  const repository = request.project_dir ?? (await mainOf(folder))
  const marker = worktree === null ? null : await readWorktreeMarker(worktree)
  const { base_ref, started_from } = request
  const start =
    started_from ??
    (worktree === null
      ? await startOfBranch(repository, base_ref, branch, head)
      : await startOfWorktree(repository, marker, base_ref, branch, head))
  const { task_id, into, trust_file } = request
  const found = await findTarget({ task_id, repository, into, start, branch, head })
  const base = await knownCommit(repository, request.reverted?.base)
  const reverted = base === null ? null : { base }
  const place = { task_id, repository, trust_file, worktree, marker, branch, head, start, reverted }
  return { ...place, ...found, base: base ?? found.base }
}

async function refuseForeign({ path, project_dir, workspaces_dir }: WorkRequest): Promise<void> {
  if (path === null) return
  const sentence = await whyNotOwn({ worktree: path, project: project_dir, workspaces_dir })
  if (sentence !== null) throw new WorkerSetupError(sentence)
}

/** Used without a project: a folder of the repository that stays when the worktree is removed. */
async function mainOf(folder: string): Promise<string> {
  const main = (await listWorktrees(folder))[0]
  return main === undefined || main.missing || main.unknown ? commonDirOf(folder) : main.path
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
    (await branchCommit(project_dir, branchName(request))) !== null
  if (isThere) return project_dir
  throw new WorkerSetupError(
    `Task ${task_id} has no worktree yet, and there is no branch ${branchName(request)}. Its first attempt makes both.`,
  )
}
