import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MINUTE } from '../../../formats/time.ts'
import { askGit, git } from '../git/git.ts'
import { branchCommit } from '../git/git-refs.ts'
import { commonDirOf, listWorktrees, type ListedWorktree, samePath } from '../git/git-worktrees.ts'
import { GitError } from '../git/git-error.ts'
import { refuseUntrusted, trustOf } from '../git/git-trust.ts'
import { brokenRepository, whyNoWorktrees } from '../git/project-repository.ts'
import { LastingSetupError, WorkerSetupError } from '../setup-error.ts'
import { resolveStart, startOfBranch, startOfWorktree, type WorkStart } from './work-start.ts'
import type { Workspace, WorkspaceRequest } from './workspace-request.ts'
import { readWorktreeMarker, writeWorktreeMarker } from './worktree-marker.ts'

/** Enough for a checkout of a large repository on a slow disk. */
export const CHECKOUT_MS = 10 * MINUTE

/**
 * The worktree of a task: in the repository of the board's project, on its own branch, created here if missing.
 * Without a path it lies in the board's folder for workspaces; inside the project, every tool that walks the
 * project's files would find it.
 *
 * An existing worktree is reused when it is at the path and on the branch, or when Runboard created it for this task
 * (whose worker may have switched branches) or for this branch. Anything else in the way is refused with a sentence,
 * and nothing is changed.
 */
export async function prepareWorktree(request: WorkspaceRequest): Promise<Workspace> {
  const repository = await repositoryOf(request.project_dir)
  const branch = request.branch ?? `runboard/${request.task_id}`
  if ((await askGit(repository, ['check-ref-format', '--branch', branch])) === null) {
    throw new WorkerSetupError(`“${branch}” is not a valid branch name.`)
  }
  const path = resolve(repository, request.path ?? join(request.workspaces_dir, request.task_id))
  return oneAtATime(await commonDirOf(repository), () => findOrAdd(repository, path, branch, request))
}

async function findOrAdd(
  repository: string,
  path: string,
  branch: string,
  request: WorkspaceRequest,
): Promise<Workspace> {
  await repairMoved(repository, path)
  const existing = await findExisting(repository, path, branch, request)
  if (existing) {
    await refuseUnusable(existing.path)
    const start = await startOfExisting(repository, existing, request)
    return { path: existing.path, branch: existing.branch, created: false, start }
  }
  refuseOccupied(path, repository)
  return { path, branch, created: true, start: await addWorktree(repository, path, branch, request) }
}

/** A usable folder may have another owner by now: a worker in a container can leave its worktree that way. */
async function refuseUnusable(folder: string): Promise<void> {
  const problem = await brokenRepository(folder)
  if (problem !== null) throw new LastingSetupError(problem)
}

async function startOfExisting(
  repository: string,
  { path, branch, head }: ListedWorktree,
  { started_from, base_ref }: WorkspaceRequest,
): Promise<WorkStart | null> {
  if (started_from || head === null) return started_from ?? null
  return startOfWorktree(repository, await readWorktreeMarker(path), base_ref, branch, head)
}

const TRIES = 3
const RETRY_MS = 100
const turns = new Map<string, Promise<unknown>>()

/**
 * While git adds a worktree, it reads the folders of all others. It fails on one that another git is just creating
 * ("failed to read commondir", seen with 2.39). So calls within this process wait for each other, and a failure
 * caused by another process is retried.
 */
export async function oneAtATime<T>(repository: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(repository) ?? Promise.resolve()).then(() => withRetries(work))
  const settled = turn.then(
    () => undefined,
    () => undefined,
  )
  turns.set(repository, settled)
  try {
    return await turn
  } finally {
    if (turns.get(repository) === settled) turns.delete(repository)
  }
}

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof GitError) || tried === TRIES) throw error
      await delay(RETRY_MS * tried)
    }
  }
}

/** @throws LastingSetupError when there can be no worktrees */
export async function repositoryOf(projectDir: string | null): Promise<string> {
  const problem = await whyNoWorktrees(projectDir)
  if (projectDir === null || problem !== null)
    throw new LastingSetupError(problem ?? 'The board has no project.')
  await refuseUnusable(projectDir)
  return projectDir
}

/**
 * Tells git the new path of a worktree that was moved along with the home. Not for a copy: the original is still
 * where git knows it.
 */
async function repairMoved(repository: string, path: string): Promise<void> {
  if (!existsSync(join(path, '.git'))) return
  const known = await listWorktrees(repository)
  const isKnown = known.some((worktree) => !worktree.missing && samePath(worktree.path, path))
  if (isKnown || !known.some(({ missing }) => missing)) return
  // git before 2.30 does not know this command; the worktree is then found to be gone, and that is reported.
  await askGit(repository, ['worktree', 'repair', path])
}

async function findExisting(
  repository: string,
  path: string,
  branch: string,
  { task_id, path: asked }: WorkspaceRequest,
): Promise<ListedWorktree | null> {
  const [main, ...linked] = await listWorktrees(repository)
  const here = linked.find((worktree) => !worktree.missing && samePath(worktree.path, path))
  if (here) {
    if (here.branch === branch || (await readWorktreeMarker(here.path))?.task_id === task_id) return here
    const on = here.branch === null ? 'no branch' : `branch ${here.branch}`
    throw new WorkerSetupError(
      `${path} is a worktree on ${on}, not on ${branch}. Switch it, or choose another path.`,
    )
  }
  const holder = [main, ...linked].find((worktree) => worktree?.branch === branch && !worktree.missing)
  if (!holder) return null
  if (holder !== main && asked === null && (await readWorktreeMarker(holder.path)) !== null) return holder
  throw new WorkerSetupError(
    `Branch ${branch} is checked out in ${holder.path}. Check out another branch there, or give the task another one.`,
  )
}

function refuseOccupied(path: string, repository: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats || (stats.isDirectory() && readdirSync(path).length === 0)) return
  throw new WorkerSetupError(
    `${path} already exists and is not a worktree of ${repository}. Move it away, or choose another path.`,
  )
}

async function addWorktree(
  repository: string,
  path: string,
  branch: string,
  { base_ref, task_id, workspaces_dir, started_from, trust_file = null, now = Date.now }: WorkspaceRequest,
): Promise<WorkStart> {
  const base = await resolveStart(repository, base_ref)
  if (base === null) {
    throw new WorkerSetupError(
      `“${base_ref ?? 'HEAD'}” is not a commit or branch of the repository in ${repository}.`,
    )
  }
  const trust = await trustOf(repository, trust_file, now())
  await refuseUntrusted([repository], repository, trust)
  const parent = dirname(path)
  mkdirSync(parent, { recursive: true, ...(parent === workspaces_dir && { mode: 0o700 }) })
  const existing = await branchCommit(repository, branch)
  const start =
    existing === null ? base : (started_from ?? (await startOfBranch(repository, base_ref, branch, existing)))
  // --force only takes over a path or branch whose registered folder is gone; an existing folder was refused above.
  // The base is given as a commit: a branch created from origin/main would follow it, and a bare `git push` would go
  // to main.
  const what = existing === null ? ['-b', branch, path, base.commit] : [path, branch]
  const { allow } = trust
  await git(repository, ['worktree', 'add', '--quiet', '--force', ...what], {
    allow,
    timeout_ms: CHECKOUT_MS,
  })
  await writeWorktreeMarker(path, {
    task_id,
    created_at: now(),
    base: start.commit,
    base_branch: start.branch,
  })
  return start
}
