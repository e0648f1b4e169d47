import type { EndState } from '../../contract/workflow-kinds.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import { promoteChildren } from './dependencies.ts'
import { getTask } from './moved.ts'
import { moveTask } from './transition.ts'
import { assigneeAfter, type OpenWalk } from './walk.ts'
import { writeEvent } from './write-event.ts'

/** Ends a walk and completes its card; tasks that waited for the card become ready. */
export function endWalk(
  tx: WriteTx,
  task: TaskRow,
  { row, template }: Pick<OpenWalk, 'row' | 'template'>,
  { key, state, reason }: { key: string | null; state: EndState; reason: string | null },
): TaskRow {
  closeWalk(tx, task, { row, template }, { key, state, reason })
  moveTask(tx, getTask(tx, task.id), 'done', 'advance')
  promoteChildren(tx, task.id)
  return getTask(tx, task.id)
}

/**
 * Ends a walk without changing the status of its card.
 *
 * @param key the end step; null when the walk is cancelled before an end
 */
export function closeWalk(
  tx: WriteTx,
  task: TaskRow,
  { row, template }: Pick<OpenWalk, 'row' | 'template'>,
  { key, state, reason }: { key: string | null; state: EndState; reason: string | null },
): void {
  tx.returning(tasks.setStep, {
    id: task.id,
    workflow_run_id: null,
    workflow_template_id: template.name,
    current_step_key: key ?? task.current_step_key,
    assignee: assigneeAfter(task, row),
    now: tx.now,
  })
  tx.returning(workflowRuns.end, { id: row.id, now: tx.now, end_key: key, end_state: state })
  writeEvent(tx, 'workflow_ended', task.id, null, {
    workflow_run_id: row.id,
    ...(key === null ? {} : { end: key }),
    state,
    ...(reason === null ? {} : { reason }),
  })
}
