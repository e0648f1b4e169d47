import { hasEnded, isUnmerged } from '../../contract/states.ts'
import type { Conflict, Diff, Task } from '../../contract/index.ts'

type MergeFacts = Pick<Task, 'status' | 'workspace_kind' | 'workspace_path' | 'merge_state'>

/** In review, with work in a worktree: a person views the changes before approving. */
export function hasChangesToReview(task: MergeFacts): boolean {
  const hasWorktree = task.workspace_kind === 'worktree' && task.workspace_path !== null
  return task.status === 'review' && hasWorktree && task.merge_state !== 'nothing'
}

/** Whether a task is in review or done, with work that a person can review and merge. */
export function hasWorkToMerge(task: MergeFacts): boolean {
  return hasChangesToReview(task) || isUnmerged(task)
}

/**
 * Whether a task is over and its work has changed nothing, so that there is nothing to review.
 *
 * @param files how many files all of its work has changed; null when that is not known
 */
export function hasNoChanges(task: MergeFacts, files: number | null): boolean {
  const isOver = hasEnded(task) || task.status === 'review'
  if (!isOver || task.merge_state === 'merged') return false
  return task.merge_state === 'nothing' || (files === 0 && !isUnmerged(task))
}

/** `Merged as ea3b246f1 into main`; null for work that is not merged. */
export function mergedWords(
  task: Pick<Task, 'merge_state' | 'merged_commit' | 'merged_into'>,
): string | null {
  if (task.merge_state !== 'merged') return null
  return sentence(task.merged_commit, task.merged_into)
}

/** As mergedWords, for a diff. */
export function mergedWordsOf({ merge_state, merged }: Pick<Diff, 'merge_state' | 'merged'>): string | null {
  return merge_state === 'merged' && merged !== null ? sentence(merged.commit, merged.into) : null
}

function sentence(commit: string | null, into: string | null): string {
  const as = commit === null ? '' : ` as ${commit.slice(0, 9)}`
  return `Merged${as}${into === null ? '' : ` into ${into}`}`
}

/** `Conflicts with main in a.ts, b.ts and 3 more`. */
export function conflictWords({ other_id, branch, files, files_count }: Conflict): string {
  const shown = files.slice(0, 3).join(', ')
  const more = files_count > 3 ? ` and ${files_count - 3} more` : ''
  return `Conflicts with ${other_id ?? branch} in ${shown}${more}`
}
