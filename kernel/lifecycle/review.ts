import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { type Answer, NO_ANSWER } from '../workflow/answer.ts'
import { closeRun, openRunIn } from './end-run.ts'
import { moveTask, refuseTransition, runnableStatus } from './transition.ts'
import { firstLine, writeEvent } from './write-event.ts'
import { advanceTask } from './advance.ts'
import { checkAnswer, editedCounts, refuseAnswer } from './check-answer.ts'
import { checkVerdict, refuseOtherVisit } from './check-verdict.ts'
import { type Handoff, type Moved, type StepReport, getTask } from './moved.ts'
import { settleTask } from './settle-task.ts'
import { openWalkOf, type OpenWalk } from './walk.ts'

/** Ends the run of a running task and asks a person to review it. */
export function requestReview(tx: WriteTx, task: TaskRow, handoff: Handoff): Moved {
  if (task.status !== 'running') throw refuseTransition(task, 'request_review')
  const run = closeRun(tx, openRunIn(task), { outcome: 'review_requested', ...handoff })
  moveTask(tx, task, 'review', 'request_review')
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  writeEvent(tx, 'review_requested', task.id, run.id, { summary: firstLine(handoff.summary) })
  return { task: getTask(tx, task.id), run }
}

/** What a person gives with a decision; a card without a workflow takes neither form nor list. */
type Decision = StepReport & Partial<Answer>

/** Accepts the work of a task in review: it is done, and tasks that waited for it become ready. */
export function approveTask(tx: WriteTx, task: TaskRow, note: string | null, decision: Decision = {}): Moved {
  if (task.status !== 'review') throw refuseTransition(task, 'approve')
  const open = openWalkOf(tx, task)
  if (open !== null) return approveStep(tx, task, open, note, decision)
  refuseAnswer(task.id, { ...NO_ANSWER, ...decision })
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
  { verdict = null, head = null, visit_id = null, ...answer }: Decision,
): Moved {
  refuseOtherVisit(open, task.id, visit_id)
  const usual = open.step.kind === 'approve' ? 'approved' : null
  const given = checkVerdict(open, task.id, verdict ?? usual, answer.metadata ?? null)
  const metadata = checkAnswer(open, task.id, given, { ...NO_ANSWER, ...answer })
  const edited = editedCounts(open, metadata)
  writeEvent(tx, given === 'approved' || given === 'done' ? 'approved' : 'changes_requested', task.id, null, {
    ...(note === null ? {} : { note }),
    step: open.step.key,
    verdict: given,
    ...(edited === null ? {} : { edited }),
  })
  const end = { verdict: given, summary: note, metadata, head, by_person: true }
  return { task: advanceTask(tx, task, open, end, { run_id: null }), run: null }
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
