import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { askGit, git } from '../git/git.ts'

/**
 * The untracked files of a checkout that an update to another commit would overwrite. git itself considers ignored
 * files worthless and replaces them silently.
 *
 * @param checkout the root of a working tree
 * @param added paths that the update brings, from `addedPaths`
 */
export async function untrackedInTheWay(checkout: string, added: readonly string[]): Promise<string[]> {
  if (added.length === 0) return []
  const tracked = new Set(splitNul(await git(checkout, ['ls-files', '-z', '--full-name', ':/'])))
  const foldsCase = (await askGit(checkout, ['config', '--bool', 'core.ignorecase'])) === 'true'
  const lower = foldsCase ? new Set([...tracked].map((path) => path.toLowerCase())) : null
  const isTracked = (path: string): boolean => tracked.has(path) || lower?.has(path.toLowerCase()) === true
  const found = added.flatMap((path) => occupants(checkout, path, isTracked))
  return [...new Set(found)].sort()
}

/** Untracked files at a path, below it, or where one of its folders must be. */
function occupants(checkout: string, path: string, isTracked: (path: string) => boolean): string[] {
  const parts = path.split('/')
  for (let n = 1; n < parts.length; n++) {
    const parent = parts.slice(0, n).join('/')
    const stats = lstatSync(join(checkout, parent), { throwIfNoEntry: false })
    if (stats === undefined) return []
    if (!stats.isDirectory()) return isTracked(parent) ? [] : [parent]
  }
  const stats = lstatSync(join(checkout, path), { throwIfNoEntry: false })
  if (stats === undefined || isTracked(path)) return []
  if (!stats.isDirectory()) return [path]
  return filesBelow(checkout, path, MOST).filter((file) => !isTracked(file))
}

/** The most that a sentence names; nobody reads more. */
const MOST = 20

function filesBelow(checkout: string, folder: string, most: number): string[] {
  const files: string[] = []
  for (const entry of readdirSync(join(checkout, folder), { withFileTypes: true })) {
    if (files.length >= most) break
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) files.push(...filesBelow(checkout, path, most - files.length))
    else files.push(path)
  }
  return files
}

/** Paths that one commit or tree lacks and the other has. */
export async function addedPaths(repository: string, from: string, to: string): Promise<string[]> {
  return splitNul(
    await git(repository, ['diff', '--name-only', '--no-renames', '--diff-filter=A', '-z', from, to, '--']),
  )
}

export function splitNul(output: string): string[] {
  return output.split('\0').filter((part) => part !== '')
}
