import { existsSync } from 'node:fs'
import { OperationError } from '../../contract/index.ts'
import { keepWork } from '../board/kept-work.ts'
import { projectOf } from '../board/task-project.ts'
import { isSameWork } from '../board/work-head.ts'
import { refuseOtherVisit } from '../lifecycle/check-verdict.ts'
import { openWalkOf } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { BoardContext } from './handler.ts'

/**
 * Checks that a person answers the current question about the current commit. If the work has changed since the question,
 * refuses the answer and records the new commit, so that the next answer is about that.
 *
 * @param seen the visit that the person looked at; null when unknown
 * @returns the commit of the work, and the visit that the answer is for; nulls for a card without a workflow
 * @throws OperationError CONFLICT for another visit, and for work that has changed
 */
export async function requireAsked(
  context: BoardContext,
  task: TaskRow,
  seen: number | null,
): Promise<{ head: string | null; visit_id: number | null }> {
  const open = openWalkOf(context.read, task)
  if (open === null) return { head: null, visit_id: null }
  const head = await keepWork(context.board, task)
  if (task.status !== 'review') return { head, visit_id: null }
  const { visit, step } = open
  refuseOtherVisit(open, task.id, seen)
  const answered = { head, visit_id: visit.id }
  const asked = visit.head_in
  if (step.kind !== 'approve' || (await isSame(context, task, asked, head))) return answered
  await context.write((tx) => tx.run(workflowRuns.setHeadIn, { id: visit.id, head_in: head }))
  if (asked === null) return answered
  throw new OperationError(
    'CONFLICT',
    `The work of task ${task.id} has changed since you were asked: it was at ${asked.slice(0, 9)} and is ${head === null ? 'gone' : `at ${head.slice(0, 9)}`} now. Look at it again, then repeat your answer.`,
    { id: task.id, asked, head },
  )
}

async function isSame(
  { board }: BoardContext,
  task: TaskRow,
  asked: string | null,
  head: string | null,
): Promise<boolean> {
  // A worktree that does not exist has its commits in the project.
  const { workspace_path } = task
  const isThere = workspace_path !== null && existsSync(workspace_path)
  const folder = isThere ? workspace_path : projectOf(board, task)
  if (asked === head || asked === null || head === null || folder === null) return asked === head
  return isSameWork(folder, asked, head)
}
