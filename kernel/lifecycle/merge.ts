import { BLANK_TASK } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { MergeColumns, TaskRow } from '../tables/tasks.ts'
import { writeEvent } from './write-event.ts'

/** A merge as it is recorded on a task. */
export interface MergeRecord {
  into: string | null
  /** null when a person says that it is merged and names no commit. */
  commit: string | null
  base: string | null
  head: string | null
  at: number
  by: string
}

/** A merge that git shows. */
export type KnownMerge = MergeRecord & { into: string; commit: string }

/** What git showed: whether the work is merged, and the commit that was examined. */
export type SeenWork =
  { state: 'nothing' | 'not_merged'; head: string } | { state: 'merged'; head: string; merge: KnownMerge }

/** How we know of it: from our own merge, from git, or because a person said so. */
export type MergeSource = 'merge' | 'found' | 'marked'

/** Records that the work of a task is merged, with its event. */
export function recordMerge(tx: WriteTx, task: TaskRow, merge: MergeRecord, source: MergeSource): void {
  const { into, commit, base, head, at, by } = merge
  setMerge(
    tx,
    task,
    {
      merge_state: 'merged',
      merged_at: at,
      merged_by: by,
      merged_into: into,
      merged_commit: commit,
      merged_base: base,
      merged_head: head,
    },
    source === 'found' ? task.updated_at : tx.now,
  )
  writeEvent(tx, 'merged', task.id, null, { into, commit, base, head, at, by, source })
}

/**
 * Records what git showed. A recorded merge keeps all its facts while the work is the same commit.
 *
 * @param afterRun a worker was in the worktree since the last look, so uncommitted work counts even on the same
 *   commit
 */
export function recordSight(tx: WriteTx, task: TaskRow, seen: SeenWork, afterRun = false): void {
  const isSame = task.merge_state === 'merged' && task.merged_head === seen.head
  if (isSame && (seen.state !== 'not_merged' || !afterRun)) return
  if (seen.state === 'merged') {
    recordMerge(tx, task, seen.merge, 'found')
    return
  }
  // The facts of an earlier merge stay: they describe the merged work, while the state describes what came after it.
  if (task.merge_state !== seen.state)
    setMerge(tx, task, { ...task, merge_state: seen.state }, task.updated_at)
}

/** Records that a merge was reverted. The commits of the merge stay recorded, to show what was reverted. */
export function recordRevert(
  tx: WriteTx,
  task: TaskRow,
  revert: { into: string; commit: string; base: string | null },
): void {
  const { into, commit, base } = revert
  const { merged_commit, merged_head } = task
  setMerge(tx, task, { ...task, merge_state: 'not_merged' }, tx.now)
  const payload = { into, commit, reverted: merged_commit, base, head: merged_head }
  writeEvent(tx, 'merge_reverted', task.id, null, payload)
}

/** Undoes the mark that a task's work is merged, when a person set it by mistake. */
export function recordNotMerged(tx: WriteTx, task: TaskRow): void {
  setMerge(tx, task, { ...BLANK_TASK, merge_state: 'not_merged' }, tx.now)
  writeEvent(tx, 'edited', task.id, null, { fields: ['merge_state'] })
}

/** Forgets a merge: the work of the task is on another branch from now on. Its events stay. */
export function forgetMerge(tx: WriteTx, task: TaskRow): void {
  if (task.merge_state !== null) setMerge(tx, task, BLANK_TASK, tx.now)
}

function setMerge(tx: WriteTx, task: TaskRow, columns: MergeColumns, updated_at: number): void {
  tx.returning(tasks.setMerge, { ...columns, id: task.id, updated_at })
}
