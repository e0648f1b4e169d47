import { OperationError } from '../../contract/index.ts'
import { workOf } from '../board/task-work.ts'
import { workHead } from '../board/work-head.ts'
import { recordJoined, sentenceOf } from '../lifecycle/join.ts'
import type { OpenWalk } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import type { ItemRow } from '../tables/workflow-items.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import { valuesOf } from '../workflow/engine.ts'
import { graphOf } from '../workflow/graph.ts'
import type { BoardContext } from './handler.ts'
import { joinItem } from './join-items.ts'
import type { MergeEnd } from './merge-step.ts'

/**
 * Joins the item that a person has chosen, for a merge step with `of`.
 *
 * @param of the key of the approve step at which the person chose
 * @returns how the step ended, and what to record in the same transaction
 */
export async function joinChosen(
  context: BoardContext,
  task: TaskRow,
  open: OpenWalk,
  { of, verify }: { of: string; verify: boolean },
): Promise<MergeEnd> {
  const { item, visit } = chosenBy(context, task, open, of)
  const said: string[] = []
  const joined = await joinItem(context, task, item, {
    head_in: visit.head_in,
    begun_from: null,
    said,
    verify,
  })
  const head = await workHead(context.board, task)
  const end = (verdict: string, summary: string, metadata: Record<string, unknown>) => ({
    verdict,
    summary: [summary, ...said].join(' '),
    metadata,
    head,
  })
  if (joined.kind === 'problem') {
    const { files, output, why } = joined.problem
    const summary = `${sentenceOf(item.item_key, joined.problem)} Its work is the commit ${joined.head}.`
    return why === 'conflict'
      ? { end: end('conflict', summary, { files }), record: null }
      : { end: end('check_failed', summary, { output }), record: null }
  }
  const { merge } = joined
  const work = await workOf(context.board, task)
  const into = work.branch ?? ''
  const summary =
    merge === null
      ? `The item “${item.item_key}” has changed nothing.`
      : `Joined the work of the item “${item.item_key}” into ${into} as ${merge.commit.slice(0, 9)}.`
  return {
    end: end('merged', summary, { into, commit: merge?.commit ?? work.head }),
    record: (tx, now) => void recordJoined(tx, { carrier: now, visit, item }, merge),
  }
}

/** @throws OperationError CONFLICT when the item has no branch, or its card was deleted */
function chosenBy(
  { read }: BoardContext,
  { id }: TaskRow,
  { row, step, walk }: OpenWalk,
  of: string,
): { item: ItemRow; visit: VisitRow } {
  const approve = graphOf(walk.definition).steps.get(of)
  const map = approve?.kind === 'approve' ? approve.choose : undefined
  const key = valuesOf(walk).step(of)?.metadata?.['item']
  const visit = read
    .all(workflowRuns.visitsOf, { workflow_run_id: row.id })
    .filter(({ left_at, step_key, valid }) => step_key === map && left_at !== null && valid === 1)
    .at(-1)
  const items = visit === undefined ? [] : read.all(workflowItems.ofVisit, { visit_id: visit.id })
  const item = items.find(({ item_key }) => item_key === key)
  if (visit !== undefined && item?.has_branch === 1 && item.task_id !== null) return { item, visit }
  throw new OperationError(
    'CONFLICT',
    `The step “${step.key}” of task ${id} has nothing to join: the item that “${of}” chose has no branch of its own.`,
    { id, step: step.key },
  )
}
