import { realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { askGit } from '../git/git.ts'
import { commonDirOf, samePath } from '../git/git-worktrees.ts'

/**
 * The folder that a worker and its check start in. A project can be a folder within a repository (a package of a
 * monorepo): then it is the same folder of the worktree, if the worktree has it.
 *
 * @param workspace absolute path of the whole workspace
 * @param project the board's project
 */
export async function startFolder(workspace: string, project: string | null): Promise<string> {
  if (project === null || !statSync(project, { throwIfNoEntry: false })?.isDirectory()) return workspace
  const prefix = await askGit(project, ['rev-parse', '--show-prefix'])
  if (prefix === null || prefix === '' || !(await isWorktreeOf(workspace, project))) return workspace
  const folder = join(workspace, prefix)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return workspace
  // A link at that path could lead anywhere.
  return realpathSync(folder).startsWith(realpathSync(workspace) + sep) ? folder : workspace
}

async function isWorktreeOf(workspace: string, project: string): Promise<boolean> {
  const top = await askGit(workspace, ['rev-parse', '--show-toplevel'])
  return (
    top !== null &&
    samePath(top, workspace) &&
    samePath(await commonDirOf(workspace), await commonDirOf(project))
  )
}
