import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { git } from './git.ts'

/** Writes all files, and may run the filters of the person's configuration. */
const CHECKOUT_MS = 120_000

/**
 * Copies the last commit of a project to a folder for work: a repository that borrows the project's objects, has no
 * remote and leaves nothing in the project. (Not a clone: our git uses no transport, not even for files.)
 *
 * @param target an absolute path that does not exist yet
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
