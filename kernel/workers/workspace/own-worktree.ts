import { readdirSync, statSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { askGit } from '../git/git.ts'
import { commonDirOf, samePath } from '../git/git-worktrees.ts'
import { brokenRepository } from '../git/project-repository.ts'
import { readWorktreeMarker } from './worktree-marker.ts'

export interface OwnWorktree {
  worktree: string
  /** The board's project; null: there is nothing to compare with. */
  project: string | null
  /** The board's folder for workspaces: Runboard created everything in it, with a marker. */
  workspaces_dir: string | null
}

/**
 * Whether a worktree still belongs to the project's repository. A worker can replace its `.git`, and then its commits
 * are in a repository that nobody else knows.
 *
 * @returns a sentence when it does not; null when it does, or when its folder is gone
 */
export async function whyNotOwn({ worktree, project, workspaces_dir }: OwnWorktree): Promise<string | null> {
  const stats = statSync(worktree, { throwIfNoEntry: false })
  if (stats?.isDirectory() !== true || readdirSync(worktree).length === 0) return null
  const common = await askGit(worktree, ['rev-parse', '--git-common-dir'])
  const top = await askGit(worktree, ['rev-parse', '--show-toplevel'])
  const of = project === null ? 'any repository' : project
  const lost = `${worktree} is not a worktree of ${of} any more`
  if (common === null || top === null) {
    // A worker in a container may have left it to another owner: then git has its own message.
    return (await brokenRepository(worktree)) ?? `${lost}: git finds no repository there. ${REMEDY}`
  }
  if (!samePath(top, worktree)) return `${lost}: for git it is part of ${top}. ${REMEDY}`
  const here = resolve(worktree, common)
  if (project !== null && !samePath(here, await commonDirOf(project)))
    return `${lost}: its .git leads to ${here}. ${REMEDY}`
  const isOurs = workspaces_dir !== null && resolve(worktree).startsWith(resolve(workspaces_dir) + sep)
  if (isOurs && (await readWorktreeMarker(worktree)) === null)
    return `${lost}: it is not the one that Runboard made there. ${REMEDY}`
  return null
}

const REMEDY = 'Nothing of it was taken over; look at the folder, and save what you need from it.'
