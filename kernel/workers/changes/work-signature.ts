import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { askGit } from '../git/git.ts'
import { readStatus } from '../git/read-status.ts'

/**
 * Digests the state of a work tree: its commit, and the changed and new files with their size and time. Equal signatures mean
 * that nothing was written in between.
 *
 * @param path absolute, of a folder
 * @returns null when the folder is in no git work tree
 */
export async function workSignature(path: string): Promise<string | null> {
  const top = await askGit(path, ['rev-parse', '--show-toplevel'])
  if (top === null) return null
  const head = await askGit(path, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  const entries = await readStatus(path, { untracked: 'all' })
  const files = entries.map(({ path: file, state }) => [state, file, fileState(join(top.trim(), file))])
  return createHash('sha256')
    .update(JSON.stringify([head?.trim() ?? null, files]))
    .digest('hex')
}

function fileState(path: string): string {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? 'gone' : `${stat.size}:${stat.mtimeNs}:${stat.mode}`
}
