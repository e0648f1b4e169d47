import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { CHECK_PROFILE, isReservedProfile, MERGE_PROFILE } from '../../contract/workflow-kinds.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow, WorkflowRunRow } from '../tables/workflow-runs.ts'
import * as templates from '../tables/workflow-templates.ts'
import type { TemplateRow } from '../tables/workflow-templates.ts'
import type { Visit, Walk } from '../workflow/engine.ts'
import { graphOf } from '../workflow/graph.ts'

/** The open walk of a card, with its open visit and the step of that visit. */
export interface OpenWalk {
  row: WorkflowRunRow
  template: TemplateRow
  walk: Walk
  visit: VisitRow
  step: WorkflowStep
  /** Role → profile. */
  roles: Record<string, string>
}

/** A walk that may not have entered its first step yet. */
export type StartedWalk = Omit<OpenWalk, 'visit' | 'step'>

/**
 * Parsed definitions by digest. The text of a digest never changes, so no entry is ever outdated; there is one for each
 * version that this process has read.
 */
const definitions = new Map<string, WorkflowDefinition>()

/** @returns the definition of a stored version: the same object each time */
export function definitionOf({ definition, digest }: TemplateRow): WorkflowDefinition {
  let known = definitions.get(digest)
  if (known === undefined) {
    known = JSON.parse(definition) as WorkflowDefinition
    definitions.set(digest, known)
  }
  return known
}

/** @returns the visit as the engine reads it */
export function visitOf(row: VisitRow): Visit {
  return {
    step: row.step_key,
    visit: row.visit,
    from: row.entered_from,
    via: row.entered_via,
    valid: row.valid === 1,
    head_in: row.head_in,
    head_out: row.head_out,
    verdict: row.verdict,
    summary: row.summary,
    metadata: row.outputs === null ? null : (JSON.parse(row.outputs) as Record<string, unknown>),
  }
}

/** @returns a walk, open or ended, with its visits, oldest first */
export function readWalk(
  reader: Reader,
  row: WorkflowRunRow,
): { template: TemplateRow; walk: Walk; visits: VisitRow[] } {
  const template = reader.get(templates.byId, { id: row.template_id })
  if (template === undefined) throw new Error(`the version ${row.template_id} of a workflow is gone`)
  const visits = reader.all(workflowRuns.visitsOf, { workflow_run_id: row.id })
  const walk: Walk = {
    definition: definitionOf(template),
    inputs: JSON.parse(row.inputs) as Record<string, unknown>,
    visits: visits.map(visitOf),
  }
  return { template, walk, visits }
}

/**
 * @returns the open walk of a task; null for a task without one
 * @throws Error when the rows contradict each other: an open walk always has one open visit, its last
 */
export function openWalkOf(reader: Reader, task: Pick<TaskRow, 'id' | 'workflow_run_id'>): OpenWalk | null {
  if (task.workflow_run_id === null) return null
  const row = reader.get(workflowRuns.byId, { id: task.workflow_run_id })
  if (row === undefined) throw new Error(`the walk of task ${task.id} is gone`)
  const { template, visits, walk } = readWalk(reader, row)
  const visit = visits.at(-1)
  const step = graphOf(walk.definition).steps.get(visit?.step_key ?? '')
  if (visit === undefined || visit.left_at !== null || step === undefined)
    throw new Error(`the walk of task ${task.id} has no open visit`)
  return { row, template, walk, visit, step, roles: JSON.parse(row.roles) as Record<string, string> }
}

/** @returns the profile that runs a step; null for steps without a worker: `approve`, `decide`, `map`, `end` */
export function profileOfStep(step: WorkflowStep, roles: Record<string, string>): string | null {
  if (step.kind === 'check') return CHECK_PROFILE
  if (step.kind === 'merge') return MERGE_PROFILE
  if (step.kind !== 'work') return null
  return step.profile ?? roles[step.role ?? ''] ?? null
}

/** @returns the assignee that a card keeps at a step without a profile; null for Runboard's own profiles */
export function keptAssignee(assignee: string | null): string | null {
  return isReservedProfile(assignee) ? null : assignee
}

/** @returns the assignee that a card gets back when its walk ends: the one from before the walk */
export function assigneeAfter(
  { assignee }: Pick<TaskRow, 'assignee'>,
  { assignee_before: before }: Pick<WorkflowRunRow, 'assignee_before'>,
): string | null {
  if (before === null) return keptAssignee(assignee)
  return before === '' ? null : before
}

/** Whether a card is at a map step, where it waits for its items and for no worker. */
export function isAtMap(reader: Reader, task: Pick<TaskRow, 'id' | 'workflow_run_id'>): boolean {
  return task.workflow_run_id !== null && openWalkOf(reader, task)?.step.kind === 'map'
}

/** Whether a card is at a map step and waits for its items. False once its items are over and their work is being joined. */
export function waitsAtMap(
  reader: Reader,
  task: Pick<TaskRow, 'assignee' | 'id' | 'workflow_run_id'>,
): boolean {
  return task.assignee !== MERGE_PROFILE && isAtMap(reader, task)
}

/** Forgets the verdict that a limit stopped, with its result: the step is about to run again. */
export function dropHeldVerdict(tx: WriteTx, task: TaskRow): void {
  const open = openWalkOf(tx, task)
  if (open === null || open.visit.held_verdict === null) return
  tx.run(workflowRuns.hold, {
    id: open.visit.id,
    held_verdict: null,
    summary: null,
    outputs: null,
    head_out: null,
  })
}
