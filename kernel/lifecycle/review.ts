import { OperationError } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { valuesOf } from '../workflow/engine.ts'
import { itemsToChoose } from '../workflow/items.ts'
import { closeRun, openRunOf } from './end-run.ts'
import { moveTask, refuseTransition, runnableStatus } from './transition.ts'
import { firstLine, writeEvent } from './write-event.ts'
import { advanceTask } from './advance.ts'
import { checkVerdict, refuseOtherVisit } from './check-verdict.ts'
import { type Handoff, type Moved, type StepReport, getTask } from './moved.ts'
import { settleTask } from './settle-task.ts'
import { openWalkOf, type OpenWalk } from './walk.ts'

/** Ends the run of a running task and asks a person to review it. */
export function requestReview(tx: WriteTx, task: TaskRow, handoff: Handoff): Moved {
  if (task.status !== 'running') throw refuseTransition(task, 'request_review')
  const run = closeRun(tx, openRunOf(tx, task), { outcome: 'review_requested', ...handoff })
  moveTask(tx, task, 'review', 'request_review')
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  writeEvent(tx, 'review_requested', task.id, run.id, { summary: firstLine(handoff.summary) })
  return { task: getTask(tx, task.id), run }
}

/** Accepts the work of a task in review: it is done, and tasks that waited for it become ready. */
export function approveTask(
  tx: WriteTx,
  task: TaskRow,
  note: string | null,
  report: StepReport & { metadata?: Record<string, unknown> | null } = {},
): Moved {
  if (task.status !== 'review') throw refuseTransition(task, 'approve')
  const open = openWalkOf(tx, task)
  if (open !== null) return approveStep(tx, task, open, note, report)
  moveTask(tx, task, 'done', 'approve')
  writeEvent(tx, 'approved', task.id, null, note === null ? null : { note })
  settleTask(tx, task.id, 'done')
  return { task: getTask(tx, task.id), run: null }
}

/** Gives the verdict of a step that waits for a person: `approved`, unless another one is named. */
function approveStep(
  tx: WriteTx,
  task: TaskRow,
  open: OpenWalk,
  note: string | null,
  {
    verdict = null,
    head = null,
    metadata = null,
    visit_id = null,
  }: StepReport & { metadata?: Record<string, unknown> | null },
): Moved {
  refuseOtherVisit(open, task.id, visit_id)
  const usual = open.step.kind === 'approve' ? 'approved' : null
  const given = checkVerdict(open, task.id, verdict ?? usual, metadata)
  const chosen = given === 'approved' ? chosenItem(task.id, open, metadata) : metadata
  writeEvent(tx, given === 'approved' || given === 'done' ? 'approved' : 'changes_requested', task.id, null, {
    ...(note === null ? {} : { note }),
    step: open.step.key,
    verdict: given,
  })
  const end = { verdict: given, summary: note, metadata: chosen, head, by_person: true }
  return { task: advanceTask(tx, task, open, end, { run_id: null }), run: null }
}

/**
 * Reads the item that a person chose at a step with `choose`.
 *
 * @param metadata names the item; returned unchanged at a step without `choose`
 * @returns the metadata that the step hands over: the key of the item, and the summary of its card
 * @throws OperationError CONFLICT that lists the items
 */
function chosenItem(
  id: string,
  { step, walk }: OpenWalk,
  metadata: Record<string, unknown> | null,
): Record<string, unknown> | null {
  if (step.kind !== 'approve' || step.choose === undefined) return metadata
  const items = itemsToChoose(valuesOf(walk), step.choose)
  const item = items.find(({ key }) => key === metadata?.['item'])
  if (item !== undefined) return { ...metadata, item: item.key, result: item.summary ?? '' }
  const keys = items.map(({ key }) => key)
  throw new OperationError(
    'CONFLICT',
    `The step “${step.key}” of task ${id} needs the item that you choose, as {"item": …} in the metadata. Use one of: ${keys.join(', ')}.`,
    { id, step: step.key, items: keys },
  )
}

/**
 * Sends a task in review back; the note is in the next attempt's context.
 *
 * @param review the reviewed attempt and commit, and the remarks on lines, for the event
 */
export function requestChanges(
  tx: WriteTx,
  task: TaskRow,
  note: string,
  review: Readonly<Record<string, unknown>> = {},
  report: StepReport = {},
): Moved {
  if (task.status !== 'review') throw refuseTransition(task, 'request_changes')
  const open = openWalkOf(tx, task)
  if (open?.step.kind === 'approve')
    return approveStep(tx, task, open, note, { ...report, verdict: 'changes' })
  const moved = moveTask(tx, task, runnableStatus(tx, task.id), 'request_changes')
  writeEvent(tx, 'changes_requested', task.id, null, { note, ...review })
  return { task: moved, run: null }
}
