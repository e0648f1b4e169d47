import { join } from 'node:path'
import { askGit, git } from './git.ts'
import { WorkerSetupError } from './setup-error.ts'

/** Projects that were seen to have a commit: that does not change, and every new task asks. */
const known = new Set<string>()

/** Whether a worktree can be made of a project folder: it is in a git repository that has a commit. */
export async function canHaveWorktrees(projectDir: string): Promise<boolean> {
  if (known.has(projectDir)) return true
  try {
    const head = await askGit(projectDir, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])
    if (head !== null) known.add(projectDir)
    return head !== null
  } catch (error) {
    // No git, or no such folder.
    if (error instanceof WorkerSetupError) return false
    throw error
  }
}

/** A clone checks out all files, and may have to run the filters of the person's configuration. */
const CLONE_MS = 120_000

/**
 * Copies the last commit of a project to where it may be worked in: a clone that shares its objects, knows no remote and
 * leaves nothing in the project.
 *
 * @param target an absolute path that is not there yet
 * @returns the folder in the copy that corresponds to the project folder
 * @throws WorkerSetupError
 */
export async function copyProject(projectDir: string, target: string): Promise<string> {
  const top = (await git(projectDir, ['rev-parse', '--show-toplevel'])).trim()
  const prefix = (await git(projectDir, ['rev-parse', '--show-prefix'])).trim()
  await git(top, ['clone', '--quiet', '--shared', '--template=', '--', top, target], { timeout_ms: CLONE_MS })
  await git(target, ['remote', 'remove', 'origin'])
  return join(target, prefix)
}
