import { hasEnded, type MergeMethod, OperationError } from '../../contract/index.ts'
import { refuseAnswer } from '../lifecycle/check-answer.ts'
import { approveTask } from '../lifecycle/review.ts'
import { type Moved, getTask } from '../lifecycle/moved.ts'
import {
  type KnownMerge,
  type MergeRecord,
  recordMerge,
  recordSight,
  type SeenWork,
} from '../lifecycle/merge.ts'
import { refuseTransition, requireTask } from '../lifecycle/transition.ts'
import type { WriteTx } from '../db/connection.ts'
import { workspaceOwner } from '../board/gates.ts'
import { requireOwnWorkspace } from '../board/own-workspace.ts'
import { seeWork, workOf } from '../board/task-work.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { mergeWork } from '../workers/changes/merge-work.ts'
import { mergedSentence } from '../workers/changes/merged-changes.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { BoardContext } from './handler.ts'
import { requireAsked } from './asked-step.ts'
import { verifyBeforeMerge } from './verify.ts'

/** How many tasks we check in git before we list the unmerged ones. */
const MOST_LOOKS = 50

export const NOTHING_TO_MERGE =
  'Nothing to merge: the worktree has no work of its own. Approve it without merging.'

/** Turns a refusal by git into an error for the caller; it is not an internal error. */
export async function refusingInSentences<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof WorkerSetupError)) throw error
    throw new OperationError('CONFLICT', error.message, { id })
  }
}

/** @throws OperationError CONFLICT while a worker is in the folder: it must not be changed then */
export function refuseAtWork({ read }: BoardContext, task: TaskRow, what: string): void {
  const inIt = read.all(tasks.sharingWorkspace, { owner: workspaceOwner(task) })
  const running = inIt.find(({ status }) => status === 'running')
  if (running === undefined) return
  throw new OperationError(
    'CONFLICT',
    `Task ${running.id} is running in this worktree; its work can be ${what} when its run is over.`,
    { id: task.id, running: running.id },
  )
}

/** @throws OperationError CONFLICT while a step of a workflow still needs the work */
export function refuseOpenWalk(task: TaskRow, what: string): void {
  if (task.workflow_run_id === null) return
  throw new OperationError(
    'CONFLICT',
    `Task ${task.id} is on the workflow “${task.workflow_template_id ?? ''}”, whose steps need its work. “runboard cancel-workflow ${task.id} --reason R” takes it off; then the work can be ${what}.`,
    { id: task.id, step: task.current_step_key },
  )
}

interface Approval {
  id: string
  note: string | null
  /** For an approve step of a workflow, as are `metadata` and `visit`. */
  verdict: string | null
  metadata: Record<string, unknown> | null
  form: Record<string, unknown> | null
  edit: unknown[] | null
  visit: number | null
  merge: boolean
  /** The branch to merge into; null for the branch that the work started from. */
  into: string | null
  message: string | null
  /** null for the setting of the board. */
  method: MergeMethod | null
}

/**
 * Approves a task. With `merge`, first runs its check and merges its work; if either is refused, the task stays in
 * review, unchanged.
 */
export async function approveWork(
  context: BoardContext,
  { id, note, merge, into, message, method, visit, ...answer }: Approval,
): Promise<Moved & { warnings: string[] }> {
  const task = requireTask(context.read, id)
  if (task.status !== 'review') throw refuseTransition(task, 'approve')
  if (task.workflow_run_id === null) refuseAnswer(id, answer)
  await requireOwnWorkspace(context.board, task)
  const asked = await requireAsked(context, task, visit)
  if (merge) {
    const { moved, warnings } = await mergeTask(context, task, { into, message, method, note })
    return { ...moved, warnings }
  }
  const { edit, form, metadata, verdict } = answer
  const decision = { edit, form, metadata, verdict }
  const seen = await lookSafely(context, task)
  const approved = await context.write((tx) => {
    const now = requireTask(tx, id)
    if (seen !== null) recordSight(tx, now, seen)
    return approveTask(tx, getTask(tx, id), note, { ...decision, ...asked })
  })
  return { ...approved, warnings: [] }
}

/**
 * Merges the work of a task once its check has passed. A task in review is approved as well. If a person has already
 * merged the work by hand, that is recorded instead.
 */
export async function mergeTask(
  context: BoardContext,
  task: TaskRow,
  { into, message, method, note }: Pick<Approval, 'into' | 'message' | 'method' | 'note'>,
): Promise<{ moved: Moved; merged: { into: string; commit: string }; warnings: string[] }> {
  const { id } = task
  if (task.workflow_run_id !== null)
    throw new OperationError(
      'CONFLICT',
      `Task ${id} is on the workflow “${task.workflow_template_id ?? ''}”, whose steps decide when it is merged. Approve it without merging.`,
      { id },
    )
  refuseAtWork(context, task, 'merged')
  const { record, warnings } = await refusingInSentences(
    id,
    async (): Promise<{ record: KnownMerge; warnings: string[] }> => {
      const seen = await seeWork(context.board, task, into)
      const isKnown = task.merge_state === 'merged' && task.merged_head === seen?.head
      if (seen?.state === 'merged' && !isKnown) return { record: seen.merge, warnings: [] }
      if (seen?.state === 'merged')
        throw new WorkerSetupError(mergedSentence({ into: task.merged_into, commit: task.merged_commit }))
      if (seen?.state === 'nothing') throw new WorkerSetupError(NOTHING_TO_MERGE)
      const work = await workOf(context.board, task, into)
      await verifyBeforeMerge(context, task, work)
      refuseAtWork(context, task, 'merged')
      const { warnings: said, ...merged } = await mergeWork(
        work,
        message ?? `${task.title} (${id})`,
        method ?? context.board.settings().merge_method,
      )
      const record = { ...merged, at: context.services.clock(), by: context.caller.actor }
      return { record, warnings: work.worktree === null ? [worktreeGone(task), ...said] : said }
    },
  )
  const moved = await context.write((tx) => noteMerge(tx, id, record, note))
  return { moved, merged: { into: record.into, commit: record.commit }, warnings }
}

/** Committed work is on the branch; uncommitted work went with the folder. */
function worktreeGone({ id, workspace_path, branch }: TaskRow): string {
  const where = workspace_path === null ? '' : ` ${workspace_path}`
  return `The worktree of ${id}${where} is not there any more. What was committed on ${branch ?? 'its branch'} is merged; anything else in that folder is not.`
}

/** A merge by a person accepts the work. Finished tasks that worked in the same worktree are merged with it. */
function noteMerge(tx: WriteTx, id: string, merge: MergeRecord, note: string | null): Moved {
  const task = requireTask(tx, id)
  recordMerge(tx, task, merge, 'merge')
  for (const other of tx.all(tasks.sharingWorkspace, { owner: workspaceOwner(task) })) {
    const row = getTask(tx, other.id)
    if (other.id !== id && hasEnded(other) && row.merge_state === 'not_merged')
      recordMerge(tx, row, merge, 'merge')
  }
  const now = getTask(tx, id)
  if (now.status === 'review') return approveTask(tx, now, note ?? `Merged into ${merge.into ?? ''}`)
  return { task: now, run: null }
}

/** Like seeWork, but returns null if git cannot answer, for callers that must continue. */
export async function lookSafely(context: BoardContext, task: TaskRow): Promise<SeenWork | null> {
  try {
    return await seeWork(context.board, task)
  } catch (error) {
    context.services.report(`the work of task ${task.id} could not be looked at`, error)
    return null
  }
}

/** Checks the finished tasks that count as unmerged: a person may have merged their work by hand since. */
export async function findMergedByHand(context: BoardContext): Promise<void> {
  for (const task of context.read.all(tasks.notMerged, { limit: MOST_LOOKS })) {
    const seen = await lookSafely(context, task)
    if (seen !== null && seen.state !== 'not_merged') await keepSight(context, task.id, seen)
  }
}

/** Not fenced: looking at a task is not a late message of a worker. */
export async function keepSight(context: BoardContext, id: string, seen: SeenWork): Promise<TaskRow> {
  return context.board.connection.write(context.caller.actor, (tx) => {
    const task = requireTask(tx, id)
    if (task.status !== 'running') recordSight(tx, task, seen)
    return getTask(tx, id)
  })
}
