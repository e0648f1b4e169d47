import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { getTask } from './moved.ts'
import { writeEvent } from './write-event.ts'

/** Sets when a task may start. The open items of a card at a map step follow, unless they have a time of their own. */
export function scheduleTask(tx: WriteTx, task: TaskRow, not_before_at: number | null): TaskRow {
  tx.returning(tasks.setNotBefore, { id: task.id, not_before_at, now: tx.now })
  writeEvent(tx, 'scheduled', task.id, null, { not_before_at })
  for (const item of tx.all(workflowItems.openCardsOf, { carrier_id: task.id }))
    if (item.not_before_at === task.not_before_at) scheduleTask(tx, item, not_before_at)
  return getTask(tx, task.id)
}
