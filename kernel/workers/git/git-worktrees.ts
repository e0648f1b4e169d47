import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { NotRegularFileError, readRegular } from '../../home/regular-file.ts'
import { askGit, git } from './git.ts'

export interface ListedWorktree {
  path: string
  head: string | null
  /** Short name of its branch, null when detached (or bare). */
  branch: string | null
  /** Its folder is gone. */
  missing: boolean
  /** Locked by the user (`git worktree lock`): we keep it. */
  locked: boolean
  /** git does not know its folder: the main worktree of a repository whose git directory lies elsewhere. */
  unknown: boolean
}

/** The worktrees of a repository, the main one first. @param repository preferably one of its working trees */
export async function listWorktrees(repository: string): Promise<ListedWorktree[]> {
  const blocks = (await git(repository, ['worktree', 'list', '--porcelain'])).split('\n\n')
  const common = await commonDirOf(repository)
  const listed = blocks.flatMap((block) => {
    const lines = block.split('\n')
    const value = (name: string): string | null =>
      lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null
    const path = value('worktree')
    if (path === null) return []
    return [
      {
        path,
        head: value('HEAD'),
        branch: value('branch')?.replace('refs/heads/', '') ?? null,
        missing: statSync(path, { throwIfNoEntry: false }) === undefined,
        // git before 2.31 does not list it.
        locked: lines.some((line) => /^locked( |$)/.test(line)) || isLocked(common, path),
        unknown: false,
      },
    ]
  })
  const [main, ...linked] = listed
  const isBare = /^bare$/m.test(blocks[0] ?? '')
  if (main === undefined || isBare || basename(common) === '.git') return listed
  return [await placeMain(repository, common, main), ...linked]
}

/**
 * git assumes that the main worktree is beside the git directory. That is wrong for a git directory with another name
 * or place (`--separate-git-dir`, a submodule). Only a command run inside the worktree can tell.
 */
async function placeMain(repository: string, common: string, main: ListedWorktree): Promise<ListedWorktree> {
  const own = await askGit(repository, ['rev-parse', '--absolute-git-dir'])
  const top = await askGit(repository, ['rev-parse', '--show-toplevel'])
  const isMain = own !== null && top !== null && samePath(own, common)
  return isMain ? { ...main, path: top, missing: false } : { ...main, unknown: true }
}

function isLocked(common: string, path: string): boolean {
  const folder = join(common, 'worktrees')
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : []
  return names.some((name) => {
    const pointer = join(folder, name, 'gitdir')
    return (
      existsSync(join(folder, name, 'locked')) &&
      existsSync(pointer) &&
      samePath(dirname(lineOf(pointer)), path)
    )
  })
}

/** The content of a short git file, trimmed; '' if it is not a regular file. A worker can put anything there. */
export function lineOf(file: string): string {
  try {
    return readRegular(file, 64 * 1024)
      .toString('utf8')
      .trim()
  } catch (error) {
    if (error instanceof NotRegularFileError) return ''
    throw error
  }
}

/** The git directory that all worktrees of a repository share. */
export async function commonDirOf(folder: string): Promise<string> {
  return resolve(folder, (await git(folder, ['rev-parse', '--git-common-dir'])).trimEnd())
}

/** Whether two paths lead to the same folder, links followed. */
export function samePath(a: string, b: string): boolean {
  const real = (path: string): string => {
    try {
      return realpathSync(path)
    } catch {
      return path
    }
  }
  return real(a) === real(b)
}
