import { OperationError, type OperationOutput } from '../../contract/index.ts'
import { dropKeptWork } from '../board/kept-work.ts'
import { workspaceOwner } from '../board/gates.ts'
import { trustFileOf } from '../board/own-workspace.ts'
import { presentTask } from '../board/present.ts'
import { projectOf } from '../board/task-project.ts'
import { repositoryOf, workOf } from '../board/task-work.ts'
import { recordRevert } from '../lifecycle/merge.ts'
import { getTask } from '../lifecycle/moved.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { removeMergedWork } from '../workers/changes/remove-work.ts'
import { revertMerge } from '../workers/changes/revert-merge.ts'
import type { BoardContext } from './handler.ts'
import { refuseAtWork, refuseOpenWalk, refusingInSentences } from './merging.ts'
import { answer } from './tasks.ts'
import { mergeOf, refuseShared, refuseUsed } from './work.ts'

/**
 * Reverts the merge of a task's work by a commit on the branch that it was merged into.
 *
 * @throws OperationError CONFLICT with the reason when that is not possible; nothing has changed then
 */
export async function revertMergeOf(
  context: BoardContext,
  id: string,
  message: string | null,
): Promise<OperationOutput<'task.revert_merge'>> {
  const task = requireMerged(context, id, 'reverted')
  refuseBelowCarrier(context, task)
  const commit = task.merged_commit?.slice(0, 9) ?? ''
  const newest = context.read.get(taskEvents.newestMergeEvent, { task_id: id })
  const { source } = JSON.parse(newest?.payload ?? '{}') as { source?: unknown }
  const reverted = await refusingInSentences(id, async () =>
    revertMerge({
      repository: await repositoryOf(context.board, task),
      trust_file: trustFileOf(context.board, projectOf(context.board, task)),
      merge: mergeOf(task),
      isOurs: newest?.kind === 'merged' && source === 'merge',
      message: message ?? `Revert “${task.title}” (${id})\n\nThis reverts ${commit}.`,
    }),
  )
  const after = await context.write((tx) => {
    for (const other of tx.all(tasks.sharingWorkspace, { owner: workspaceOwner(task) })) {
      const row = getTask(tx, other.id)
      if (row.merge_state === 'merged' && row.merged_commit === task.merged_commit)
        recordRevert(tx, row, { ...reverted, base: row.merged_base })
    }
    return getTask(tx, id)
  })
  return { ...answer(context, after, null), ...reverted }
}

/**
 * The branch that an item was joined into is checked out in the worktree of its carrier: a revert would change that under
 * its worker, and behind the back of its walk.
 *
 * @throws OperationError CONFLICT
 */
function refuseBelowCarrier(context: BoardContext, { id, merged_into }: TaskRow): void {
  const item = context.read.get(workflowItems.ofTask, { task_id: id })
  if (item === undefined) return
  const carrier = getTask(context.read, item.carrier_id)
  const { branch } = getTask(context.read, workspaceOwner(carrier))
  if (merged_into === null || merged_into !== branch) return
  refuseAtWork(context, carrier, 'reverted')
  if (carrier.workflow_run_id === null) return
  throw new OperationError(
    'CONFLICT',
    `The work of task ${id} was joined into that of ${carrier.id}, which is still on its workflow. Revert it when that is over, or send ${carrier.id} back to be corrected.`,
    { id, carrier: carrier.id },
  )
}

/**
 * Removes the worktree and the branch of merged work. The task stays as it is.
 *
 * @throws OperationError CONFLICT with the reason when anything in them is not merged
 */
export async function cleanUp(context: BoardContext, id: string): Promise<OperationOutput<'task.clean_up'>> {
  const task = requireMerged(context, id, 'removed')
  refuseOpenWalk(task, 'removed')
  refuseShared(context, task)
  refuseUsed(context, task)
  const removed = await refusingInSentences(id, async () =>
    removeMergedWork(await workOf(context.board, task, task.merged_into), task.merged_head, {
      trash_dir: context.board.trashFolder,
      now: context.services.clock,
    }),
  )
  await refusingInSentences(id, () => dropKeptWork(context.board, task))
  const after = await context.write((tx) => {
    writeEvent(tx, 'cleaned_up', id, null, { ...removed })
    return requireTask(tx, id)
  })
  return { task: presentTask(after), ...removed }
}

function requireMerged(context: BoardContext, id: string, what: string): TaskRow {
  const task = requireTask(context.read, id)
  refuseAtWork(context, task, what)
  if (task.merge_state === 'merged') return task
  throw new OperationError('CONFLICT', `The work of task ${id} is not merged, so it cannot be ${what}.`, {
    id,
    merge_state: task.merge_state,
  })
}
