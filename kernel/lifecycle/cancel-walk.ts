import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import { closeWalk } from './end-walk.ts'
import { leaveItems } from './items.ts'
import type { OpenWalk } from './walk.ts'

/** Ends a walk before its end, with its open visit and the items of that. The card keeps its status. */
export function cancelWalk(
  tx: WriteTx,
  task: TaskRow,
  open: OpenWalk,
  { head, reason }: { head: string | null; reason: string },
): void {
  const outputs = open.step.kind === 'map' ? leaveItems(tx, task, open.visit, reason) : null
  tx.returning(workflowRuns.leave, {
    id: open.visit.id,
    verdict: 'cancelled',
    summary: reason,
    outputs: outputs === null ? null : JSON.stringify(outputs),
    head_out: head,
    now: tx.now,
  })
  closeWalk(tx, task, open, { key: null, state: 'cancelled', reason })
}
