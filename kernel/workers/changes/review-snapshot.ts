import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { git } from '../git/git.ts'
import type { Work } from './locate-work.ts'
import { countUncommitted } from './read-changes.ts'

const AUTHOR = ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']

/**
 * Makes one commit of the current work, with its uncommitted files. A later diff can start from it. The same work gives the
 * same commit, so a later call can tell whether anything has changed. The worktree, its index and its branch do not change.
 * No ref leads to the commit, so git removes it some weeks later.
 *
 * @param below only files below the folder; the rest of the working tree is not work of the task
 * @returns the commit that the work is on if nothing is uncommitted
 */
export async function snapshotOf(
  { worktree, head }: Pick<Work, 'worktree' | 'head'>,
  { below = false } = {},
): Promise<string> {
  if (worktree === null || (await countUncommitted(worktree, { below })) === 0) return head
  const folder = mkdtempSync(join(tmpdir(), 'runboard-review-'))
  const index = join(folder, 'index')
  try {
    const own = resolve(worktree, (await git(worktree, ['rev-parse', '--git-path', 'index'])).trim())
    if (existsSync(own)) copyFileSync(own, index)
    await git(worktree, ['add', '--all', '--', below ? '.' : ':/'], { index })
    const tree = (await git(worktree, ['write-tree'], { index })).trim()
    const commit_date = (await git(worktree, ['show', '--no-patch', '--format=%cI', head])).trim()
    const make = [...AUTHOR, 'commit-tree', tree, '-p', head, '-m', 'As reviewed']
    return (await git(worktree, make, { commit_date })).trim()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
