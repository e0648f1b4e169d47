import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
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

/** All files are written, and the filters of the person's configuration may have to run. */
const CHECKOUT_MS = 120_000

/**
 * Copies the last commit of a project to where it may be worked in: a repository that borrows the objects of the
 * project's, knows no remote and leaves nothing in the project. (No clone: our git uses no transport, not even of files.)
 *
 * @param target an absolute path that is not there yet
 * @returns the folder in the copy that corresponds to the project folder
 * @throws WorkerSetupError
 */
export async function copyProject(projectDir: string, target: string): Promise<string> {
  const ask = async (...args: string[]) => (await git(projectDir, ['rev-parse', ...args])).trim()
  const [head, prefix] = [await ask('HEAD^{commit}'), await ask('--show-prefix')]
  const common = resolve(projectDir, await ask('--git-common-dir'))
  const format = (await ask('--show-object-format')) || 'sha1'
  await git(projectDir, ['init', '--quiet', '--template=', `--object-format=${format}`, '--', target])
  mkdirSync(join(target, '.git/objects/info'), { recursive: true })
  writeFileSync(join(target, '.git/objects/info/alternates'), `${join(common, 'objects')}\n`)
  if (existsSync(join(common, 'shallow'))) copyFileSync(join(common, 'shallow'), join(target, '.git/shallow'))
  await git(target, ['checkout', '--quiet', '-b', 'runboard-test', head], { timeout_ms: CHECKOUT_MS })
  return join(target, prefix)
}
