import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { git } from '../git/git.ts'
import type { Work } from './locate-work.ts'
import { countUncommitted } from './read-changes.ts'

const AUTHOR = ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']

/**
 * Makes one commit of the current work, with its uncommitted files, from which a later diff can start. The same work always
 * gives the same commit, because author, message and date (that of `head`) are fixed: a later call can tell whether anything
 * has changed. The worktree, its index and its branch do not change. No ref leads to the commit, so git deletes it after
 * some weeks.
 *
 * @param below whether only files below the folder are work of the task, not the rest of the working tree
 * @returns the new commit; `head` if nothing is uncommitted or there is no worktree
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
