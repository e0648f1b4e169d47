import { askGit, git } from '../git/git.ts'
import type { Work } from './locate-work.ts'

type Place = Pick<Work, 'repository' | 'worktree' | 'head'>

/**
 * Paths in the work that are repositories but not submodules: worktrees or clones that a worker left there. git would
 * record each as a mere commit id, and everyone else would get an empty folder.
 *
 * @param beside commits whose paths of that kind do not count: they existed before the work
 */
export async function strayRepositories(work: Place, beside: readonly string[] = []): Promise<string[]> {
  const { repository, worktree, head } = work
  const found = new Set(await linksOf(repository, head))
  const known = new Set(await submodulePaths(repository, ['--blob', `${head}:.gitmodules`]))
  if (worktree !== null) {
    for (const path of await linksInIndex(worktree)) found.add(path)
    for (const path of await unknownRepositories(worktree)) found.add(path)
    for (const path of await submodulePaths(worktree, ['--file', '.gitmodules'])) known.add(path)
  }
  for (const commit of beside) for (const path of await linksOf(repository, commit)) known.add(path)
  return [...found].filter((path) => !known.has(path)).sort()
}

/** Paths of the work that hold another repository's commit, before or after it. */
export async function linksIn({
  repository,
  worktree,
  head,
  base,
}: Place & { base: string }): Promise<string[]> {
  const before = await linksOf(repository, base)
  return [...before, ...(worktree === null ? await linksOf(repository, head) : await linksInIndex(worktree))]
}

/** Untracked folders that contain a repository: git lists them with a slash at the end. */
async function unknownRepositories(worktree: string): Promise<string[]> {
  const listed = await git(worktree, [
    'ls-files',
    '--others',
    '--exclude-standard',
    '-z',
    '--full-name',
    ':/',
  ])
  return listed.split('\0').flatMap((path) => (path.endsWith('/') ? [path.slice(0, -1)] : []))
}

/** Paths of a commit that hold another repository's commit in place of a file. */
async function linksOf(repository: string, commit: string): Promise<string[]> {
  return linkPaths(await git(repository, ['ls-tree', '-r', '-z', '--full-tree', commit]))
}

async function linksInIndex(worktree: string): Promise<string[]> {
  return linkPaths(await git(worktree, ['ls-files', '--stage', '-z', '--full-name', ':/']))
}

function linkPaths(listed: string): string[] {
  return listed.split('\0').flatMap((entry) => {
    const at = entry.indexOf('\t')
    return entry.startsWith('160000 ') && at > 0 ? [entry.slice(at + 1)] : []
  })
}

async function submodulePaths(folder: string, source: readonly string[]): Promise<string[]> {
  const query = ['config', ...source, '--null', '--get-regexp', '^submodule\\..*\\.path$']
  // Without a .gitmodules git reports a failure: then there are none.
  const listed = (await askGit(folder, query)) ?? ''
  return listed.split('\0').flatMap((entry) => {
    const at = entry.indexOf('\n')
    return at < 0 ? [] : [entry.slice(at + 1)]
  })
}

/** A sentence that says why work with such repositories is not merged. */
export function straySentence(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).join(', ')
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : ''
  return `The work has repositories in it that are not submodules: ${shown}${more}. Merged, they would be empty folders. Remove them (git worktree remove, or git rm --cached), or add them as submodules.`
}
