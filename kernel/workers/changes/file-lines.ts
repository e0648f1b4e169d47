import { askGit, git } from '../git/git.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { shorten } from './parse-patch.ts'

/** Maximum bytes of a file that is read. */
const LARGEST_FILE = 4 * 1024 * 1024

export interface LinesRequest {
  /** The full id of a commit. */
  commit: string
  /** Relative to the top of the repository. */
  path: string
  /** The first and the last line, counted from 1. */
  from: number
  to: number
}

/**
 * Reads lines of a file from a commit. Never reads a working tree, where a worker may have left a link or a FIFO.
 *
 * @throws WorkerSetupError with a sentence when the commit has no such text file
 */
export async function readFileLines(
  repository: string,
  { commit, path, from, to }: LinesRequest,
): Promise<{ lines: string[]; total: number }> {
  const listed = await askGit(repository, ['ls-tree', '-z', '--full-tree', commit, '--', `:(literal)${path}`])
  const entry = listed === null ? null : /^(\d{6}) blob ([0-9a-f]+)\t/.exec(listed)
  const blob = entry?.[2]
  if (blob === undefined || entry?.[1]?.startsWith('100') !== true)
    throw new WorkerSetupError(`Commit ${commit.slice(0, 9)} has no regular file ${path}.`)
  const size = Number(await git(repository, ['cat-file', '-s', blob]))
  if (size > LARGEST_FILE) throw new WorkerSetupError(`${path} is too large to show.`)
  const text = await git(repository, ['cat-file', 'blob', blob])
  if (text.includes('\0')) throw new WorkerSetupError(`${path} is not text.`)
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return { lines: lines.slice(from - 1, to).map(shorten), total: lines.length }
}
