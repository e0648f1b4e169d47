import { OperationError } from '../../contract/index.ts'
import * as runHistory from '../tables/run-history.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import { knownCommit } from '../workers/git/git-refs.ts'
import type { BoardContext } from './handler.ts'

/** @throws OperationError NOT_FOUND for a visit that is not one of the task's */
export function requireVisit({ read }: BoardContext, { id }: TaskRow, visit_id: number): VisitRow {
  const visit = read.get(workflowRuns.visitById, { id: visit_id })
  if (visit === undefined || visit.task_id !== id)
    throw new OperationError(
      'NOT_FOUND',
      `Task ${id} has no visit ${visit_id}. “runboard walk ${id}” lists its visits with their numbers.`,
      { id, visit: visit_id },
    )
  return visit
}

/** @returns the commit of the work when a visit began; for the first visit, the commit that the work started from */
export async function commitAt(
  { read }: BoardContext,
  task: TaskRow,
  { head_in, step_key, visit }: VisitRow,
  project: string,
): Promise<string> {
  const start = read.get(runHistory.startOfWork, { owner: task.id })?.commit
  const commit = await knownCommit(project, head_in ?? start ?? task.base_ref ?? 'HEAD')
  if (commit !== null) return commit
  throw new OperationError(
    'CONFLICT',
    `The work of task ${task.id} as it was at the beginning of “${step_key}”, visit ${visit}, is not kept any more (${head_in?.slice(0, 9) ?? 'no commit'}).`,
    { id: task.id, commit: head_in },
  )
}

/**
 * @param project a folder of the repository
 * @returns the commits of the work when a visit began and when it ended
 * @throws OperationError CONFLICT for a visit that is not over, that had no work, or whose work is not kept any more
 */
export async function workOfVisit(
  context: BoardContext,
  task: TaskRow,
  visit: VisitRow,
  project: string,
): Promise<{ base: string; head: string }> {
  const refuse = (why: string) =>
    new OperationError('CONFLICT', `Visit ${visit.id} of task ${task.id} ${why}.`, {
      id: task.id,
      visit: visit.id,
    })
  if (visit.left_at === null) throw refuse('is not over: its changes are in the diff of the whole work')
  if (visit.head_out === null) throw refuse('has no work in a repository')
  const base = await commitAt(context, task, visit, project)
  const head = await knownCommit(project, visit.head_out)
  if (head === null) throw refuse('ended with work that is not kept any more')
  return { base, head }
}
