import { OperationError } from '../../contract/index.ts'
import { requireOwnWorkspace } from '../board/own-workspace.ts'
import { workOf } from '../board/task-work.ts'
import { isSameWork, workHead } from '../board/work-head.ts'
import { completeTask } from '../lifecycle/complete.ts'
import type { Moved } from '../lifecycle/moved.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { openWalkOf, type OpenWalk } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { BoardContext } from './handler.ts'
import { joinChosen } from './join-chosen.ts'
import { joinItemsOf } from './join-items.ts'
import { carryOutMerge, type MergeEnd } from './merge-step.ts'

/**
 * Does the work of a run of the reserved profile for merges: joins the items of a map step, or carries out a merge step.
 *
 * @throws OperationError CONFLICT for any other caller, or when the work cannot be merged as it is
 */
export async function runMergeStep(context: BoardContext, id: string): Promise<Moved> {
  const task = requireTask(context.read, id)
  const open = openWalkOf(context.read, task)
  if (context.worker === undefined || context.worker.run_id !== task.current_run_id)
    throw new OperationError('CONFLICT', 'Only the run of a merge step can carry out the merge.', { id })
  const kind = task.status === 'running' ? open?.step.kind : undefined
  if (open === null || (kind !== 'merge' && kind !== 'map'))
    throw new OperationError('CONFLICT', `Task ${id} is not running a merge step.`, { id })
  await requireOwnWorkspace(context.board, task)
  if (open.step.kind !== 'merge') return joinItemsOf(context, task, open)
  const { of, verify } = open.step
  const { end, record } =
    of === undefined
      ? await mergeOwn(context, task, open, verify)
      : await joinChosen(context, task, open, { of, verify })
  return context.write((tx) => {
    record?.(tx, requireTask(tx, id))
    return completeTask(tx, requireTask(tx, id), { ...end, result: null, trigger: context.caller.trigger })
  })
}

/** Merges the work of a card, unless it has changed since the step before. */
async function mergeOwn(
  context: BoardContext,
  task: TaskRow,
  { visit }: OpenWalk,
  verify: boolean,
): Promise<MergeEnd> {
  const { id } = task
  const work = await workOf(context.board, task, null)
  const asked = visit.head_in
  const now = (await workHead(context.board, task)) ?? work.head
  if (asked !== null && !(await isSameWork(work.repository, asked, now)))
    throw new OperationError(
      'CONFLICT',
      `The work of task ${id} has changed since it reached the merge step: it was at ${asked.slice(0, 9)} and is at ${now.slice(0, 9)} now. “runboard goto ${id} STEP --reason R” sends it back to be checked.`,
      { id, asked, head: now },
    )
  return carryOutMerge(context, task, work, verify)
}
