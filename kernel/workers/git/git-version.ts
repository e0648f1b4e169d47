import type { GitError } from './git-error.ts'
import { git } from './git.ts'
import { WorkerSetupError } from '../setup-error.ts'

/** `2.39.5`, as numbers. */
export type GitVersion = readonly [major: number, minor: number]

/**
 * What Runboard uses git for, and the first version that can do it. With an older git that feature is refused or
 * reduced, and does no harm.
 */
export const GIT_CAPABILITIES: readonly { what: string; least: GitVersion }[] = [
  { what: 'worktrees, diffs and merges', least: [2, 25] },
  { what: 'worktrees of a home that was moved', least: [2, 30] },
  { what: 'merges that follow renames', least: [2, 38] },
]

export interface FoundGit {
  /** As git prints it, `2.39.5`. */
  text: string
  version: GitVersion
}

/**
 * Asks git for its version.
 *
 * @returns null without git
 * @throws GitError when git fails
 */
export async function findGit(folder: string): Promise<FoundGit | null> {
  let output: string
  try {
    output = await git(folder, ['--version'])
  } catch (error) {
    const isMissing = error instanceof WorkerSetupError && !isGitError(error)
    if (isMissing) return null
    throw error
  }
  const [text = '', major = '0', minor = '0'] = /(\d+)\.(\d+)[\w.]*/.exec(output) ?? []
  return { text, version: [Number(major), Number(minor)] }
}

function isGitError(error: WorkerSetupError): error is GitError {
  return 'exit_code' in error
}

/** @returns the capabilities that a version lacks */
export function lacking(version: GitVersion): typeof GIT_CAPABILITIES {
  return GIT_CAPABILITIES.filter(({ least }) => isOlder(version, least))
}

function isOlder([major, minor]: GitVersion, [leastMajor, leastMinor]: GitVersion): boolean {
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}
