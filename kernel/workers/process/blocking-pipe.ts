import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readRegular } from '../../home/regular-file.ts'

/** Files that git reads in every folder of a working tree, tracked or not. */
const READ_BY_GIT = new Set(['.gitignore', '.gitattributes', '.gitmodules', '.mailmap'])
/** In bytes; such a file holds one line. */
const LARGEST_LINK = 64 * 1024

/**
 * Finds a FIFO that git would open and then wait on for ever. A worker can create one.
 *
 * @param folder in a working tree
 * @returns its path, or null
 */
export async function blockingPipe(folder: string): Promise<string | null> {
  const inTree = await findPipe(folder, (name) => READ_BY_GIT.has(name))
  if (inTree !== null) return inTree
  for (const directory of gitDirectoriesOf(folder)) {
    const found = await findPipe(directory, () => true)
    if (found !== null) return found
  }
  return null
}

async function findPipe(folder: string, counts: (name: string) => boolean): Promise<string | null> {
  const open = [folder]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    // A folder that cannot be listed cannot be searched; git's own error must do.
    for (const entry of await readdir(at, { withFileTypes: true }).catch(() => [])) {
      if (entry.isFIFO() && counts(entry.name)) return join(at, entry.name)
      if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'objects')
        open.push(join(at, entry.name))
    }
  }
  return null
}

/** Found without git, because git would block. */
function gitDirectoriesOf(folder: string): string[] {
  const own = pathIn(join(folder, '.git'), /^gitdir: (.+)$/m, folder)
  if (own === null) return [join(folder, '.git')]
  const common = pathIn(join(own, 'commondir'), /^(.+)$/m, own)
  return common === null ? [own] : [own, common]
}

function pathIn(file: string, line: RegExp, from: string): string | null {
  try {
    const path = line.exec(readRegular(file, LARGEST_LINK).toString('utf8'))?.[1]
    return path === undefined ? null : resolve(from, path)
  } catch {
    // Missing, or not a regular file: it leads nowhere.
    return null
  }
}
