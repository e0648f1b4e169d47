import { join } from 'node:path'
import { makeRepository, type Repository } from './repository.ts'
import type { Setup } from './setup.ts'

/** Gives the board a repository with one commit as its project: tasks may work in worktrees then. */
export async function giveProject(
  { home, call, slug }: Pick<Setup, 'home' | 'call' | 'slug'>,
  folder = join(home, 'project'),
): Promise<Repository> {
  const repository = makeRepository(folder)
  await call('board.set', { slug, settings: { project_dir: repository.folder } })
  return repository
}
