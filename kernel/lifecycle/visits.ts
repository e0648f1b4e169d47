import { OperationError } from '../../contract/index.ts'
import type { WorkflowStep } from '../../contract/workflow-file.ts'
import { STEP_KIND_RULES } from '../../contract/workflow-kinds.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import { type EnterMove, roundsOf } from '../workflow/engine.ts'
import { graphOf, waysOf } from '../workflow/graph.ts'
import { askApproval } from './ask-approval.ts'
import { getTask } from './moved.ts'
import { moveTask, runnableStatus } from './transition.ts'
import { assigneeAfter, keptAssignee, profileOfStep, type OpenWalk, type StartedWalk } from './walk.ts'
import { writeEvent } from './write-event.ts'

/** Single moves of a walk on the board: leaving a step, entering one, and placing the card at it. */

/** The handoff of a visit, with its commit. */
export interface Result {
  summary: string | null
  metadata: Record<string, unknown> | null
  /** The commit of the workspace now; null without git. */
  head: string | null
}

/** The verdict of a visit, with its handoff. */
export interface StepEnd extends Result {
  verdict: string
  /** A person gave the verdict. Neither time limits nor the rule that a round must change something stop it. */
  by_person?: boolean
}

/** What caused a move. */
export interface Cause {
  /** The run that reported; null for a person's verb. */
  run_id: number | null
}

/** @throws OperationError CONFLICT when the visit has ended already */
export function leave(tx: WriteTx, task: TaskRow, visit: VisitRow, verdict: string, end: Result): void {
  const left = tx.returning(workflowRuns.leave, {
    id: visit.id,
    verdict,
    summary: end.summary,
    outputs: end.metadata === null ? null : JSON.stringify(end.metadata),
    head_out: end.head,
    now: tx.now,
  })
  if (left === undefined)
    throw new OperationError('CONFLICT', `Task ${task.id} has left the step “${visit.step_key}” already.`)
  writeEvent(tx, 'step_left', task.id, null, { step: visit.step_key, visit: visit.visit, verdict })
}

/** Opens the visit of an entered step. Its event also says which round this is, on a way back. */
export function enter(
  tx: WriteTx,
  task: TaskRow,
  open: StartedWalk,
  move: EnterMove,
  head: string | null,
): VisitRow {
  const visit = tx.returning(workflowRuns.enter, {
    workflow_run_id: open.row.id,
    step_key: move.step,
    visit: move.visit,
    entered_by: tx.actor,
    entered_from: move.from,
    entered_via: move.via,
    head_in: head,
    now: tx.now,
  })
  if (visit === undefined) throw new Error(`task ${task.id} has not entered the step ${move.step}`)
  const { roles, walk } = open
  const step = stepAt(walk.definition, move.step)
  const way = move.from === null ? undefined : wayFrom(walk.definition, move.from, move.via)
  const round = way?.max_rounds == null ? null : roundsOf(walk.visits, way) + 1
  writeEvent(tx, 'step_entered', task.id, null, {
    step: move.step,
    visit: move.visit,
    ...(move.from === null ? {} : { from: move.from, via: move.via }),
    ...(round === null ? {} : { round, of: way?.max_rounds }),
    ...(profileOfStep(step, roles) === null ? {} : { profile: profileOfStep(step, roles) }),
  })
  return visit
}

export function stepAt(definition: OpenWalk['walk']['definition'], key: string): WorkflowStep {
  const step = graphOf(definition).steps.get(key)
  if (step === undefined) throw new Error(`there is no step ${key}`)
  return step
}

function wayFrom(definition: OpenWalk['walk']['definition'], from: string, via: string | null) {
  return waysOf(stepAt(definition, from)).find(({ verdict }) => verdict === via)
}

/** Gives the card the assignee and the status that its new step needs. */
export function place(
  tx: WriteTx,
  task: TaskRow,
  { row, template, walk, roles }: StartedWalk,
  key: string,
  cause: Cause,
): TaskRow {
  const step = stepAt(walk.definition, key)
  tx.returning(tasks.setStep, {
    id: task.id,
    workflow_run_id: row.id,
    workflow_template_id: template.name,
    current_step_key: key,
    assignee: profileOfStep(step, roles) ?? keptAssignee(task.assignee) ?? assigneeAfter(task, row),
    now: tx.now,
  })
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  const runnable = runnableStatus(tx, task.id)
  const now = getTask(tx, task.id)
  return runnable === 'ready' && STEP_KIND_RULES[step.kind].status === 'review'
    ? askApproval(tx, now, cause.run_id)
    : moveTask(tx, now, runnable, 'advance')
}
