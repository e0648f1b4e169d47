import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Allowed, askGit, git } from '../git/git.ts'
import { GitError } from '../git/git-error.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { splitNul } from './in-the-way.ts'

export interface MergedTree {
  /** null when a person has to resolve conflicts. */
  tree: string | null
  /** The files that both sides changed. */
  conflicts: string[]
}

/** git's exit status for an unknown option. */
export const USAGE = 129

/**
 * Merges two commits and writes objects only: no working tree, no index, no branch.
 *
 * @param allow which merge drivers may run; by default none, and files that need one conflict
 */
export async function mergeTrees(
  repository: string,
  ours: string,
  theirs: string,
  allow?: Allowed,
): Promise<MergedTree> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs]
  const options = allow === undefined ? {} : { allow }
  try {
    const [tree] = (await git(repository, args, options)).split('\0')
    return { tree: tree?.trim() ?? null, conflicts: [] }
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    if (error.exit_code === USAGE) return mergeByIndex(repository, ours, theirs)
    // 1 means conflicts. Anything else is a failure.
    if (error.exit_code !== 1) throw error
    const [, ...files] = splitNul(error.stdout).filter((part) => part.trim() !== '')
    return { tree: null, conflicts: [...new Set(files)] }
  }
}

/**
 * Merges two commits as if a third were their common ancestor: applies the difference between `base` and `theirs` to
 * `ours`. With a merge as `base` and its first parent as `theirs`, this is a revert.
 *
 * @param base any commit. Git before 2.40 has no option for the ancestor, so we copy the three trees into commits with such
 *   a history.
 */
export async function mergeTreesFrom(
  repository: string,
  base: string,
  ours: string,
  theirs: string,
  allow?: Allowed,
): Promise<MergedTree> {
  const author = ['-c', 'user.name=Runboard', '-c', 'user.email=runboard@localhost']
  // No ref leads to these commits, so git removes them later.
  const copy = async (commit: string, ...parents: string[]) =>
    (await git(repository, [...author, 'commit-tree', `${commit}^{tree}`, ...parents, '-m', 'copy'])).trim()
  const root = await copy(base)
  return mergeTrees(repository, await copy(ours, '-p', root), await copy(theirs, '-p', root), allow)
}

/**
 * The same for git before 2.38, whose merge-tree writes no tree: a three-way merge in a separate index, file by file.
 * It does not follow renames: a file that one side renamed and the other changed is a conflict.
 */
async function mergeByIndex(repository: string, ours: string, theirs: string): Promise<MergedTree> {
  const base = await askGit(repository, ['merge-base', ours, theirs])
  if (base === null) throw new WorkerSetupError('The work has no commit in common with the branch.')
  const folder = mkdtempSync(join(tmpdir(), 'runboard-merge-'))
  const options = { index: join(folder, 'index'), work_tree: folder }
  try {
    await git(repository, ['read-tree', '-i', '-m', '--aggressive', base, ours, theirs], options)
    const unmerged = parseUnmerged(await git(repository, ['ls-files', '--unmerged', '-z'], options))
    const conflicts: string[] = []
    for (const [path, stages] of unmerged) {
      const merged = await mergeFile(repository, folder, stages)
      if (merged === null) conflicts.push(path)
      else await setEntry(repository, options, path, merged)
    }
    if (conflicts.length > 0) return { tree: null, conflicts }
    return { tree: (await git(repository, ['write-tree'], options)).trim(), conflicts: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Stage {
  mode: string
  blob: string
}

/** The versions of each unmerged path: 1 is the base, 2 ours, 3 theirs. */
function parseUnmerged(output: string): Map<string, Map<string, Stage>> {
  const paths = new Map<string, Map<string, Stage>>()
  for (const entry of splitNul(output)) {
    const [, mode = '', blob = '', stage = '', path = ''] = /^(\d+) (\w+) (\d)\t(.*)$/s.exec(entry) ?? []
    const stages = paths.get(path) ?? new Map<string, Stage>()
    paths.set(path, stages.set(stage, { mode, blob }))
  }
  return paths
}

/**
 * null when a person has to resolve it: deleted on one side, not a regular file, not text, or the same lines changed.
 */
async function mergeFile(
  repository: string,
  folder: string,
  stages: Map<string, Stage>,
): Promise<Stage | null> {
  const [base, ours, theirs] = ['1', '2', '3'].map((stage) => stages.get(stage))
  if (base === undefined || ours === undefined || theirs === undefined) return null
  if ([base, ours, theirs].some(({ mode }) => !mode.startsWith('100'))) return null
  const names = ['ours', 'base', 'theirs'].map((name) => join(folder, name))
  for (const [n, { blob }] of [ours, base, theirs].entries()) {
    writeFileSync(
      names[n] ?? '',
      await git(repository, ['cat-file', 'blob', blob], { encoding: 'latin1' }),
      'latin1',
    )
  }
  try {
    const text = await git(repository, ['merge-file', '-p', '-q', ...names], { encoding: 'latin1' })
    writeFileSync(join(folder, 'merged'), text, 'latin1')
    const blob = (await git(repository, ['hash-object', '-w', '--no-filters', join(folder, 'merged')])).trim()
    return { mode: ours.mode === base.mode ? theirs.mode : ours.mode, blob }
  } catch (error) {
    if (error instanceof GitError && error.exit_code !== null) return null
    throw error
  }
}

async function setEntry(
  repository: string,
  options: { index: string; work_tree: string },
  path: string,
  { mode, blob }: Stage,
): Promise<void> {
  const input = `0 ${'0'.repeat(blob.length)}\t${path}\0${mode} ${blob}\t${path}\0`
  await git(repository, ['update-index', '-z', '--index-info'], { ...options, input })
}
