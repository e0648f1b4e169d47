import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { askGit } from '../git/git.ts'

/**
 * Stands for the state of a work tree: its commit, and the changed and new files with size and time. Two equal ones
 * mean that nothing was written in between.
 *
 * @param path absolute, of a folder
 * @returns null when the folder is in no git work tree
 */
export async function workSignature(path: string): Promise<string | null> {
  const head = await askGit(path, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  const status = await askGit(path, [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=all',
    '--no-renames',
  ])
  const top = await askGit(path, ['rev-parse', '--show-toplevel'])
  if (status === null || top === null) return null
  const files = status.split('\0').filter((line) => line !== '')
  const seen = files.map((line) => `${line}\0${fileState(join(top.trim(), line.slice(3)))}`)
  return createHash('sha256')
    .update(JSON.stringify([head?.trim() ?? null, seen]))
    .digest('hex')
}

function fileState(path: string): string {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? 'gone' : `${stat.size}:${stat.mtimeNs}:${stat.mode}`
}
