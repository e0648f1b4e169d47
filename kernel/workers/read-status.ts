import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { git } from './git.ts'

export interface StatusEntry {
  /** Two letters, as `git status` prints them. */
  state: string
  /** From the root of the working tree. */
  path: string
}

export interface StatusOptions {
  untracked: 'all' | 'no'
  /** Only what is below the folder. */
  below?: boolean
}

/**
 * What is not committed in a working tree. A rename is a file that is gone and a new one. A submodule with changes in it
 * is one entry; git is asked in the submodule itself, because from outside it would run what is configured there.
 */
export async function readStatus(
  folder: string,
  { untracked, below = false }: StatusOptions,
): Promise<StatusEntry[]> {
  const args = ['status', '--porcelain=v1', '-z', `--untracked-files=${untracked}`, '--no-renames']
  const output = await git(folder, [...args, ...(below ? ['--', '.'] : [])])
  const entries = output
    .split('\0')
    .filter((entry) => entry.length > 3)
    .map((entry) => ({ state: entry.slice(0, 2), path: entry.slice(3) }))
  const known = new Set(entries.map(({ path }) => path))
  const dirty = (await dirtySubmodules(folder, below)).filter((path) => !known.has(path))
  return [...entries, ...dirty.map((path) => ({ state: ' M', path }))]
}

async function dirtySubmodules(folder: string, below: boolean): Promise<string[]> {
  const where = below ? '.' : ':/'
  const staged = await git(folder, ['ls-files', '--stage', '-z', '--full-name', '--', where])
  const links = staged
    .split('\0')
    .flatMap((entry) => (entry.startsWith('160000 ') ? [entry.slice(entry.indexOf('\t') + 1)] : []))
  if (links.length === 0) return []
  const top = (await git(folder, ['rev-parse', '--show-toplevel'])).trimEnd()
  const dirty: string[] = []
  for (const path of links) {
    const inside = join(top, path)
    if (existsSync(join(inside, '.git')) && (await readStatus(inside, { untracked: 'all' })).length > 0)
      dirty.push(path)
  }
  return dirty
}
