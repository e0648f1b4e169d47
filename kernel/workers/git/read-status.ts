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
  /** Only paths below the folder. */
  below?: boolean
  /** false: ignores the commit of a submodule and changes inside it. */
  submodules?: boolean
  /** A rename is one entry, under its new name. */
  renames?: boolean
}

/**
 * The uncommitted changes of a working tree. By default a rename is a deleted file and a new one. A submodule with
 * changes is one entry; git is run inside the submodule, because from outside it would run the programs that the
 * submodule configures.
 */
export async function readStatus(
  folder: string,
  { untracked, below = false, renames = false, submodules = true }: StatusOptions,
): Promise<StatusEntry[]> {
  const args = [
    'status',
    '--porcelain=v1',
    '-z',
    `--untracked-files=${untracked}`,
    renames ? '--renames' : '--no-renames',
    ...(submodules ? [] : ['--ignore-submodules=all']),
  ]
  const output = await git(folder, [...args, ...(below ? ['--', '.'] : [])])
  const entries = parseStatus(output)
  if (!submodules) return entries
  const known = new Set(entries.map(({ path }) => path))
  const dirty = (await dirtySubmodules(folder, below)).filter((path) => !known.has(path))
  return [...entries, ...dirty.map((path) => ({ state: ' M', path }))]
}

/** A rename entry is followed by the old name, which no longer exists. */
function parseStatus(output: string): StatusEntry[] {
  const entries: StatusEntry[] = []
  const parts = output.split('\0')
  for (let n = 0; n < parts.length; n++) {
    const part = parts[n] ?? ''
    if (part.length < 4) continue
    const state = part.slice(0, 2)
    entries.push({ state, path: part.slice(3) })
    if (/[RC]/.test(state)) n++
  }
  return entries
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
