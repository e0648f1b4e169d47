import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as tasks from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import type { Parts } from '../workflow/item-work.ts'
import { graphOf } from '../workflow/graph.ts'
import { advanceTask, enterFirst } from './advance.ts'
import { beginWalk } from './begin-walk.ts'
import { demoteChildren } from './dependencies.ts'
import { closeRun, openRunIn } from './end-run.ts'
import { endOfItems } from './items.ts'
import {
  beginJoin,
  endJoining,
  isSentBackOften,
  itemsToJoin,
  type Joining,
  type PutRight,
  sentenceOf,
} from './join.ts'
import { getTask, type Moved } from './moved.ts'
import { moveTask, runnableStatus } from './transition.ts'
import { type OpenWalk, openWalkOf, readWalk } from './walk.ts'
import { walkAgain } from './walk-again.ts'
import { firstLine, writeEvent } from './write-event.ts'

/**
 * Opens an item again whose work could not be joined: its card does its last step that writes once more, and its worker first
 * reads what to put right. The other items stay as they are.
 *
 * @param head the commit that stands for the work of the item
 * @returns false when the item stays as it is: joining has sent it back as often as it may, or its card is no longer done
 */
export function sendItemBack(
  tx: WriteTx,
  { carrier, item, visit }: Joining,
  problem: PutRight,
  head: string | null,
): boolean {
  const key = { visit_id: visit.id, item_key: item.item_key }
  const row = tx
    .all(workflowItems.toJoin, { visit_id: visit.id })
    .find(({ item_key }) => item_key === item.item_key)
  if (row?.task_id == null || isSentBackOften(row)) return false
  const task = getTask(tx, row.task_id)
  if (task.status !== 'done') return false
  tx.run(workflowItems.sendBack, { ...key, put_right: JSON.stringify(problem) })
  const sentence = sentenceOf(item.item_key, problem)
  const { files, why } = problem
  writeEvent(tx, 'item_sent_back', carrier.id, null, {
    step: visit.step_key,
    visit: visit.visit,
    item: item.item_key,
    task: task.id,
    ...{ why, files: files.slice(0, 100), sentence },
  })
  const reopened = moveTask(tx, task, runnableStatus(tx, task.id), 'reopen')
  writeEvent(tx, 'reopened', task.id, null, { note: sentence })
  demoteChildren(tx, task.id)
  doAgain(tx, reopened, head)
  return true
}

/** Starts the last walk of a card again, at the latest step that may have written. */
function doAgain(tx: WriteTx, task: TaskRow, head: string | null): void {
  const row = tx.all(workflowRuns.ofTask, { task_id: task.id }).at(-1)
  if (row === undefined) return
  const { template, visits, walk } = readWalk(tx, row)
  const { steps } = graphOf(walk.definition)
  const wrote = ({ copied_from, step_key }: VisitRow) => {
    const step = steps.get(step_key)
    return copied_from === null && step?.kind === 'work' && step.workspace === 'own'
  }
  const at = visits.filter(wrote).at(-1)
  const version = {
    template,
    inputs: walk.inputs,
    roles: JSON.parse(row.roles) as Record<string, string>,
    parts: JSON.parse(row.parts) as Parts,
  }
  if (at !== undefined) walkAgain(tx, task, { definition: walk.definition, visits }, at, version, head)
  else enterFirst(tx, task, beginWalk(tx, task, template, { definition: walk.definition, ...version }), head)
}

/**
 * Ends a run that has joined what it could. If all work is joined, the walk continues. If an item was sent back, the card
 * waits for its items again. If an item cannot be joined and may not be sent back again, the card is blocked.
 *
 * @param head the commit that stands for the work of the card
 * @param stuck why an item could not be joined, as a sentence; null when none is stuck
 */
export function endJoin(
  tx: WriteTx,
  task: TaskRow,
  { head, stuck, summary }: { head: string | null; stuck: string | null; summary: string },
): Moved {
  const open = openWalkOf(tx, task)
  if (open?.step.kind !== 'map') throw new Error(`task ${task.id} is at no map step`)
  const end = endOfItems(tx, open.step, open.visit)
  const isOver = end !== null && itemsToJoin(tx, open).length === 0
  const run = closeRun(tx, openRunIn(task), {
    outcome: 'completed',
    summary,
    verdict: isOver ? end.verdict : null,
  })
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  writeEvent(tx, 'completed', task.id, run.id, {
    summary: firstLine(summary),
    step: open.step.key,
    ...(isOver ? { verdict: end.verdict } : {}),
  })
  if (isOver) return { task: advanceTask(tx, task, open, { ...end, head }, { run_id: run.id }), run }
  return { task: afterJoin(tx, task, open, run.id, stuck, end === null), run }
}

/** Places a card whose items are not all joined. */
function afterJoin(
  tx: WriteTx,
  task: TaskRow,
  open: OpenWalk,
  run_id: number,
  stuck: string | null,
  isWaiting: boolean,
): TaskRow {
  if (stuck === null && !isWaiting) return beginJoin(tx, task)
  const card = endJoining(tx, task, open)
  if (stuck === null) return moveTask(tx, card, 'todo', 'advance')
  const fields = { block_kind: 'needs_input', block_reason: stuck } as const
  const moved = moveTask(tx, card, 'blocked', 'advance', fields)
  writeEvent(tx, 'blocked', task.id, run_id, { reason: stuck, kind: 'needs_input' })
  return moved
}
