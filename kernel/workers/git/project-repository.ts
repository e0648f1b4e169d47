import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GitError } from './git-error.ts'
import { knownCommit } from './git-refs.ts'
import { commonDirOf } from './git-worktrees.ts'
import { WorkerSetupError } from '../setup-error.ts'

/**
 * Whether git found no repository, as opposed to one that it cannot use. git's messages are in English, because `git()`
 * sets LC_ALL.
 */
function saysNoRepository(error: GitError): boolean {
  return /not a git repository/i.test(error.stderr)
}

/**
 * Why git cannot work in a folder, in git's own words where there is a repository: it belongs to another owner, say, or
 * the user's configuration has a mistake.
 *
 * @returns a sentence, or null when git can work there
 * @throws WorkerSetupError when git or the folder is missing
 */
export async function gitProblemOf(folder: string): Promise<string | null> {
  try {
    await commonDirOf(folder)
    return null
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    if (saysNoRepository(error)) return `The folder ${folder} is not in a git repository.`
    const advice = /git config --global --add safe\.directory .*/.exec(error.stderr)?.[0]
    return advice === undefined ? error.message : `${error.message} If you trust it: ${advice.trim()}`
  }
}

/**
 * Like `gitProblemOf`, but a folder without a repository is fine, even if git is missing.
 *
 * @returns why git cannot use the repository around a folder; null when it can, or when there is none
 */
export async function brokenRepository(folder: string): Promise<string | null> {
  try {
    await commonDirOf(folder)
    return null
  } catch (error) {
    if (error instanceof GitError) return saysNoRepository(error) ? null : gitProblemOf(folder)
    if (!(error instanceof WorkerSetupError)) throw error
    const root = repositoryAround(folder)
    return root === null ? null : `${root} holds a git repository, but ${error.message}`
  }
}

/** Whether a folder is in a repository that git can use. If git fails (a GitError is a WorkerSetupError), it is not. */
export async function isRepository(folder: string): Promise<boolean> {
  try {
    await commonDirOf(folder)
    return true
  } catch (error) {
    if (error instanceof WorkerSetupError) return false
    throw error
  }
}

/** The nearest folder, from this one upwards, with a `.git` in it. Does not need git. */
function repositoryAround(folder: string): string | null {
  if (!existsSync(folder)) return null
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (dirname(at) === at) return null
  }
}

/**
 * The projects that could have worktrees when last asked, each with its git directory. A cache: every new task asks,
 * and a repository that has a commit does not lose it again.
 */
const usable = new Map<string, string>()

/**
 * Why no worktree can be created for a board: it has no project folder, the folder is in no repository that git can
 * use, or the repository has no commit to start from.
 *
 * @param project the board's project folder
 * @returns a sentence, or null when worktrees can be created
 */
export async function whyNoWorktrees(project: string | null): Promise<string | null> {
  if (project === null) return 'A worktree needs a git repository, and the board has no project folder.'
  const gitDir = usable.get(project)
  if (gitDir !== undefined && existsSync(project) && existsSync(join(gitDir, 'HEAD'))) return null
  usable.delete(project)
  try {
    const problem = await gitProblemOf(project)
    if (problem !== null) return `A worktree needs a git repository. ${problem}`
    if ((await knownCommit(project, 'HEAD')) === null) {
      return `The repository in ${project} has no commit yet, so there is nothing to work from. Commit there first.`
    }
    usable.set(project, await commonDirOf(project))
    return null
  } catch (error) {
    // git or the folder is missing.
    if (error instanceof WorkerSetupError) return `A worktree needs a git repository. ${error.message}`
    throw error
  }
}
