import { isSatisfied, OperationError } from '../../contract/index.ts'
import type { StepKind } from '../../contract/workflow-kinds.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import { storeStart, type WorkflowStart } from './start-workflow.ts'
import { cancelWalk } from './cancel-walk.ts'
import { forgetMerge } from './merge.ts'
import { getTask } from './moved.ts'
import { reopenTask } from './promote.ts'
import { openWalkOf } from './walk.ts'
import { type Earlier, type Version, walkAgain } from './walk-again.ts'

/** The visit that a card starts again from, the version, and the worktree to make. */
export interface Restart {
  earlier: Earlier
  at: VisitRow
  /** The version of the earlier walk, or a start on the current one. */
  version: Version | WorkflowStart
  /** The worktree to make, and its new branch, which has the work as it was when the visit began. */
  place: { path: string; branch: string; commit: string }
  /** The commit that stands for the work as it is now; null without one. */
  head: string | null
  reason: string | null
}

/**
 * Starts a card again from an earlier visit: a new walk at the step of that visit, in a fresh worktree. The worktree and
 * the branch that the card has now stay as they are. A walk that is open is cancelled.
 *
 * @throws OperationError CONFLICT when the card runs or is archived
 */
export function restartTask(tx: WriteTx, task: TaskRow, restart: Restart): TaskRow {
  refuseNoRestart(tx, task)
  const { at, earlier, head, place, version } = restart
  const reason = restart.reason ?? `Started again from “${at.step_key}”, visit ${at.visit}.`
  const open = openWalkOf(tx, task)
  if (open !== null) cancelWalk(tx, task, open, { head, reason })
  if (task.status === 'done') reopenTask(tx, getTask(tx, task.id), reason)
  tx.run(tasks.setWorkspace, { id: task.id, path: place.path, branch: place.branch })
  forgetMerge(tx, getTask(tx, task.id))
  const chosen = 'workflow' in version ? storeStart(tx, version) : version
  return walkAgain(tx, getTask(tx, task.id), earlier, at, chosen, place.commit)
}

/** @throws OperationError CONFLICT when a card cannot be started again as it is */
export function refuseNoRestart(reader: Reader, task: TaskRow): void {
  const { id, status, workspace_kind } = task
  const why = whyNoRestart(reader, task)
  if (why !== null) throw new OperationError('CONFLICT', why, { id, status, workspace_kind })
}

/** @returns why a card cannot be started again as it is, as a sentence; null when it can */
export function whyNoRestart(reader: Reader, task: TaskRow): string | null {
  const { id, status, workspace_kind, workspace_of } = task
  if (status === 'running') return `Task ${id} is running. Stop it first.`
  if (status === 'archived') return `Task ${id} is archived. Restore it first.`
  if (workspace_of !== null)
    return `Task ${id} works in the worktree of ${workspace_of}, so it cannot start again in one of its own.`
  const sharers = reader
    .all(tasks.sharingWorkspace, { owner: id })
    .filter((other) => other.id !== id && !isSatisfied(other.status))
  if (sharers.length > 0)
    return `Starting again makes a fresh worktree, and ${sharers.map((other) => other.id).join(', ')} would move there too: the worktree of task ${id} is shared. Finish or archive the others first.`
  if (workspace_kind === 'worktree') return null
  const where = workspace_kind === 'dir' ? 'folder of yours' : 'scratch folder'
  return `Starting again makes a fresh worktree, and task ${id} works in a ${where}. “Go to step” does a step again where the work is.`
}

/**
 * @param kind the kind of the visit's step in the version to walk through; undefined when that version has no such step
 * @returns why no card can be started again from a visit, as a sentence; null when it can
 */
export function whyNotFrom(
  { copied_from, step_key }: Pick<VisitRow, 'copied_from' | 'step_key'>,
  kind: StepKind | undefined,
): string | null {
  if (copied_from !== null)
    return `It only repeats the result of an earlier walk. Start again from visit ${copied_from}.`
  if (kind === undefined)
    return `The current version has no step “${step_key}”. Start again from another visit.`
  if (kind === 'decide' || kind === 'end')
    return `Nobody is at the step “${step_key}”: it is passed by itself. Start again from another visit.`
  return null
}
