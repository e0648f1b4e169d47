import { git } from '../git/git.ts'
import { findGit } from '../git/git-version.ts'
import { mergeTrees } from './merge-trees.ts'

/** A branch with work that is not merged. */
export interface OpenBranch {
  task_id: string
  branch: string
  /** The branch to merge it into. */
  into: string
}

export interface FoundConflict {
  task_id: string
  other_id: string | null
  branch: string
  files: string[]
}

/** Maximum results kept. */
const MOST_KEPT = 5000
/** Maximum merges tried in one call; the next call tries more. */
const MOST_TRIED = 200

/**
 * Tries the merges of open branches with their targets and with each other, in the object store only. Results are kept
 * by commit, so that a call costs one git command when no branch has changed.
 */
export class ConflictFinder {
  readonly #tried = new Map<string, readonly string[]>()
  readonly #changed = new Map<string, ReadonlySet<string>>()
  #problem: { text: string | null } | null = null
  #left = 0

  /** @returns why this version of git cannot find conflicts; null when it can */
  async problem(repository: string): Promise<string | null> {
    if (this.#problem !== null) return this.#problem.text
    const found = await findGit(repository)
    const [major, minor] = found?.version ?? [0, 0]
    const isSupported = major > 2 || (major === 2 && minor >= 38)
    const version = found === null ? 'git is not installed' : `this is git ${found.text}`
    this.#problem = {
      text: isSupported ? null : `Finding conflicts before a merge needs git 2.38 or newer; ${version}.`,
    }
    return this.#problem.text
  }

  /** @returns the conflicts of the branches, each pair of two tasks once */
  async look(repository: string, branches: readonly OpenBranch[]): Promise<FoundConflict[]> {
    this.#left = MOST_TRIED
    const commits = await commitsOf(repository)
    const found: FoundConflict[] = []
    const open = branches.flatMap((one) => {
      const [head, target] = [commits.get(one.branch), commits.get(one.into)]
      return head === undefined || target === undefined || head === target ? [] : [{ ...one, head, target }]
    })
    for (const { task_id, into, head, target } of open) {
      const files = await this.#conflicts(repository, target, head)
      if (files.length > 0) found.push({ task_id, other_id: null, branch: into, files: [...files] })
    }
    for (const [at, one] of open.entries()) {
      const mine = await this.#changes(repository, one.target, one.head)
      for (const other of open.slice(at + 1)) {
        if (one.into !== other.into || one.head === other.head) continue
        const theirs = await this.#changes(repository, other.target, other.head)
        if (![...mine].some((path) => theirs.has(path))) continue
        const files = await this.#conflicts(repository, one.head, other.head)
        if (files.length === 0) continue
        found.push({ task_id: one.task_id, other_id: other.task_id, branch: other.branch, files: [...files] })
      }
    }
    return found
  }

  /** @returns the files that a branch changes. Only branches with a common file are compared. */
  async #changes(repository: string, target: string, head: string): Promise<ReadonlySet<string>> {
    const key = `${target}:${head}`
    const known = this.#changed.get(key)
    if (known !== undefined) return known
    const output = await git(repository, [
      'diff',
      '--name-only',
      '--no-renames',
      '-z',
      `${target}...${head}`,
      '--',
    ])
    const paths = new Set(output.split('\0').filter((path) => path !== ''))
    keep(this.#changed, key, paths)
    return paths
  }

  async #conflicts(repository: string, ours: string, theirs: string): Promise<readonly string[]> {
    const key = `${ours}:${theirs}`
    const known = this.#tried.get(key)
    if (known !== undefined) return known
    if (this.#left === 0) return []
    this.#left--
    const { tree, conflicts } = await mergeTrees(repository, ours, theirs)
    const files = tree === null ? conflicts : []
    keep(this.#tried, key, files)
    return files
  }
}

/** Adds a result, and drops the oldest beyond the limit. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST_KEPT && oldest !== undefined) map.delete(oldest)
}

async function commitsOf(repository: string): Promise<Map<string, string>> {
  const listed = await git(repository, ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads'])
  return new Map(
    listed.split('\n').flatMap((line): [string, string][] => {
      const [, commit, name] = /^(\S+) refs\/heads\/(.+)$/.exec(line) ?? []
      return commit && name ? [[name, commit]] : []
    }),
  )
}
