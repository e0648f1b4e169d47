import { plural } from '../../../formats/count.ts'
import { shellWord } from '../../../formats/shell-word.ts'
import { askGit } from '../git/git.ts'
import { branchCommit, isAncestor } from '../git/git-refs.ts'
import { branchesHolding, type WorkStart } from '../workspace/work-start.ts'

export interface Target {
  /** Short name of a local branch. */
  name: string
  commit: string
}

export interface TargetRequest {
  task_id: string
  repository: string
  /** The branch that a person chose; null: the one that the work started from. */
  into: string | null
  start: WorkStart
  /** The branch that the work is on; null when detached. */
  branch: string | null
  head: string
}

export interface FoundTarget {
  target: Target | null
  target_refusal: string | null
  /** The commit that the changes of the work are measured against. */
  base: string
}

/**
 * Finds the branch that the work is merged into: the branch that it started from, if the merge would add nothing but
 * the work; otherwise none until a person chooses one.
 */
export async function findTarget(request: TargetRequest): Promise<FoundTarget> {
  const { repository, into, start, branch, head } = request
  const name = into ?? start.branch
  const commit = name === null ? null : await branchCommit(repository, name)
  if (name === null || commit === null) {
    const target_refusal = into === null ? await noBranch(request) : `Branch ${into} not found.`
    return { target: null, target_refusal, base: start.commit }
  }
  if (name === branch) {
    return { target: null, target_refusal: `The work is on the branch ${name} itself.`, base: start.commit }
  }
  const target = { name, commit }
  const more = into === null ? await foreignCommits(request, commit) : 0
  if (more > 0) return { target, target_refusal: foreignSentence(request, name, more), base: start.commit }
  const fork = await askGit(repository, ['merge-base', commit, head])
  return { target, target_refusal: null, base: fork ?? start.commit }
}

/**
 * How many commits older than the work a merge would bring into the branch. There are some if the branch was
 * rewritten or reset, or has not caught up with the remote branch that the work started from.
 */
async function foreignCommits({ repository, start, head }: TargetRequest, target: string): Promise<number> {
  if (!(await isAncestor(repository, start.commit, head))) return 0
  return Number((await askGit(repository, ['rev-list', '--count', start.commit, `^${target}`])) ?? 0)
}

function foreignSentence({ task_id, start }: TargetRequest, name: string, more: number): string {
  const commits = plural(more, 'one commit that is', `${more} commits that are`)
  return `Branch ${name} does not contain commit ${short(start.commit)}, which the work started from: it was rewritten or reset, or is behind. A merge would also bring in ${commits} not part of the work. Bring ${name} up to date, rebase the work onto it, or confirm with: runboard merge ${task_id} --into ${shellWord(name)}`
}

async function noBranch({ task_id, repository, start, branch }: TargetRequest): Promise<string> {
  const from = `The work started from ${start.branch === null ? `commit ${short(start.commit)}, and not from a local branch` : `branch ${start.branch}, which no longer exists`}.`
  const holders = await branchesHolding(repository, start.commit, branch)
  const shown = holders.slice(0, 3).join(', ')
  const hint = shown === '' ? '' : ` (commit ${short(start.commit)} is part of ${shown})`
  return `${from} Choose a branch${hint}: runboard merge ${task_id} --into BRANCH`
}

function short(commit: string): string {
  return commit.slice(0, 9)
}
