import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { git } from '../git/git.ts'
import { commonDirOf } from '../git/git-worktrees.ts'
import { refuseUntrusted, trustOf } from '../git/git-trust.ts'
import type { Workspace } from './workspace-request.ts'
import { CHECKOUT_MS, oneAtATime, repositoryOf } from './worktree.ts'
import { writeWorktreeMarker } from './worktree-marker.ts'

export interface FreshRequest {
  /** The board's project. */
  project_dir: string | null
  /** The absolute path of the worktree to make; nothing exists there yet. */
  path: string
  /** The commit whose files the worktree gets. */
  commit: string
  task_id: string
  trust_file: string
  now: number
}

/**
 * Makes a worktree for one run: the files of a commit and no others, on no branch.
 *
 * @throws WorkerSetupError with a sentence
 */
export async function makeFreshWorktree(request: FreshRequest): Promise<Workspace> {
  const { commit, now, path, task_id, trust_file } = request
  const repository = await repositoryOf(request.project_dir)
  return oneAtATime(await commonDirOf(repository), async () => {
    const trust = await trustOf(repository, trust_file, now)
    await refuseUntrusted([repository], repository, trust)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    await git(repository, ['worktree', 'add', '--quiet', '--detach', path, commit], {
      allow: trust.allow,
      timeout_ms: CHECKOUT_MS,
    })
    await writeWorktreeMarker(path, { task_id, created_at: now, base: commit, base_branch: null })
    return { path, branch: null, created: true, start: null, for_one_run: true }
  })
}
