import { commonDirOf, GitError } from './git.ts'

/** Whether git's answer is that there is no repository, and not that something is wrong with it. */
function saysNoRepository(error: GitError): boolean {
  return /not a git repository/i.test(error.stderr)
}

/**
 * Why a project cannot be worked on with git, in git's own words where it has some: a repository of another owner, a
 * mistake in the person's configuration.
 *
 * @returns a sentence, or null when it can
 * @throws WorkerSetupError when there is no git or no such folder
 */
export async function gitProblemOf(project: string): Promise<string | null> {
  try {
    await commonDirOf(project)
    return null
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    if (saysNoRepository(error)) return `The board's project folder ${project} is not in a git repository.`
    const advice = /git config --global --add safe\.directory .*/.exec(error.stderr)?.[0]
    return advice === undefined ? error.message : `${error.message} If you trust it: ${advice.trim()}`
  }
}

/** As `gitProblemOf`, but a folder without a repository is fine. */
export async function brokenRepository(project: string): Promise<string | null> {
  const problem = await gitProblemOf(project)
  return problem?.endsWith('is not in a git repository.') === true ? null : problem
}
