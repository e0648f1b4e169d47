import { OperationError } from '../../contract/index.ts'
import { workHead } from '../board/work-head.ts'
import { openWalkOf } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { BoardContext } from './handler.ts'

/**
 * An answer counts for the visit and the commit that it was asked for. If the work has moved, the answer is refused, and
 * the question is about the new commit from now on.
 *
 * @param seen the visit that the person looked at; null when the caller does not say
 * @returns the commit of the work; null without git
 * @throws OperationError CONFLICT
 */
export async function requireAsked(
  context: BoardContext,
  task: TaskRow,
  seen: number | null,
): Promise<string | null> {
  const head = await workHead(context.board, task)
  const open = openWalkOf(context.read, task)
  if (open === null || task.status !== 'review') return head
  const { visit, step } = open
  if (seen !== null && seen !== visit.id)
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} has moved on since you looked: it is at the step “${step.key}”, visit ${visit.visit}. Look at it again.`,
      { id: task.id, step: step.key, visit: visit.id },
    )
  const asked = visit.head_in
  if (step.kind !== 'approve' || head === asked || head === null) return head
  await context.write((tx) => tx.run(workflowRuns.setHeadIn, { id: visit.id, head_in: head }))
  if (asked === null) return head
  throw new OperationError(
    'CONFLICT',
    `The work of task ${task.id} has changed since you were asked: it was at ${asked.slice(0, 9)} and is at ${head.slice(0, 9)} now. Look at it again; then the same answer counts.`,
    { id: task.id, asked, head },
  )
}
