import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { plural } from '../../../formats/count.ts'
import { shellWord } from '../../../formats/shell-word.ts'
import { askGit, git } from '../git/git.ts'
import { splitNul } from './in-the-way.ts'

/** A submodule whose folder in a checkout is not on the commit that a merge moved it to. */
interface Behind {
  path: string
  commit: string
  /** The folder of the checkout lacks that commit. */
  missing: boolean
}

/**
 * Advice for a person after a merge changed the commits of submodules: git does not update the folders of submodules.
 *
 * @param from the commit of the checkout before the merge, `to` the one after it
 * @param worktree where the work was done; null when it is gone
 * @returns sentences; none if every folder is up to date
 */
export async function submoduleAdvice(
  checkout: string,
  from: string,
  to: string,
  worktree: string | null,
): Promise<string[]> {
  const behind = await submodulesBehind(checkout, from, to)
  if (behind.length === 0) return []
  const paths = behind.map(({ path }) => shellWord(path)).join(' ')
  const what = plural(behind.length, 'a submodule', `${behind.length} submodules`)
  const their = plural(behind.length, 'its folder', 'their folders')
  const advice = `The merge moved ${what}, and ${their} in ${checkout} did not follow. Run there: git submodule update --init -- ${paths}`
  return [advice, ...behind.flatMap((one) => pushAdvice(one, worktree))]
}

function pushAdvice({ path, commit, missing }: Behind, worktree: string | null): string[] {
  if (!missing) return []
  const inWorktree = worktree === null ? null : join(worktree, path)
  const where = inWorktree !== null && existsSync(join(inWorktree, '.git')) ? ` from ${inWorktree}` : ''
  return [
    `The submodule ${path} of the checkout does not have commit ${commit.slice(0, 9)} yet. If its remote does not have it either, push it${where} first.`,
  ]
}

async function submodulesBehind(checkout: string, from: string, to: string): Promise<Behind[]> {
  const raw = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to]
  const parts = splitNul(await git(checkout, raw))
  const behind: Behind[] = []
  for (let n = 0; n + 1 < parts.length; n += 2) {
    const [, before, after, commit] = /^:(\d+) (\d+) \w+ (\w+) /.exec(parts[n] ?? '') ?? []
    const path = parts[n + 1] ?? ''
    if (after !== '160000' || commit === undefined) continue
    const folder = join(checkout, path)
    const isThere = existsSync(join(folder, '.git'))
    // A submodule that the person has not checked out stays that way.
    if (!isThere && before === '160000') continue
    if (isThere && (await askGit(folder, ['rev-parse', '--verify', '--quiet', 'HEAD'])) === commit) continue
    const known = isThere ? await askGit(folder, ['cat-file', '-e', `${commit}^{commit}`]) : ''
    behind.push({ path, commit, missing: known === null })
  }
  return behind
}
