import { OperationError } from '../../contract/index.ts'
import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { TemplateSource } from '../../contract/workflow-kinds.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as tasks from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import * as templates from '../tables/workflow-templates.ts'
import type { TemplateRow } from '../tables/workflow-templates.ts'
import { waysOf } from '../workflow/graph.ts'
import { enterFirst } from './advance.ts'
import { refuseVerb } from './transition.ts'
import { writeEvent } from './write-event.ts'

/** A definition with where it was found. */
export interface WorkflowSource {
  definition: WorkflowDefinition
  digest: string
  source: TemplateSource
  path: string | null
}

/** Stores a version of a template; an equal digest is the same version. */
export function storeTemplate(
  tx: WriteTx,
  { definition, digest, source, path }: WorkflowSource,
): TemplateRow {
  const known = tx.get(templates.byDigest, { digest })
  if (known !== undefined) return known
  const row = tx.returning(templates.insert, {
    name: definition.name,
    digest,
    title: definition.title,
    source,
    source_path: path,
    definition: JSON.stringify(definition),
    created_at: tx.now,
  })
  if (row === undefined) throw new Error('a workflow was not stored')
  storeParts(tx, row.id, definition)
  return row
}

/** Stores the steps and ways of a version, which are derived from its definition. */
export function storeParts(tx: WriteTx, template_id: number, definition: WorkflowDefinition): void {
  const steps = definition.steps.map((step) => [
    step.key,
    step.kind,
    step.stage ?? null,
    step.kind === 'work' ? (step.role ?? null) : null,
  ])
  const ways = definition.steps.flatMap(waysOf)
  tx.run(templates.insertSteps, { template_id, steps: JSON.stringify(steps) })
  const edges = ways.map(({ from, verdict, to, max_rounds }) => [from, verdict, to, max_rounds])
  tx.run(templates.insertEdges, { template_id, edges: JSON.stringify(edges) })
}

/** What a start chose; checked. */
export interface WorkflowStart {
  workflow: WorkflowSource
  inputs: Record<string, unknown>
  roles: Record<string, string>
}

/** The statuses in which a workflow can be started: the card does not run and nobody has finished it. */
const STARTABLE: readonly TaskRow['status'][] = ['triage', 'todo', 'ready', 'blocked', 'review']

/**
 * Starts a walk of a card. The version is stored with it, so a file that is edited later changes nothing for this card.
 *
 * @throws OperationError CONFLICT when the card is on a walk, runs or is over, or its workspace does not fit
 */
export function startWorkflow(
  tx: WriteTx,
  task: TaskRow,
  { workflow, inputs, roles }: WorkflowStart,
): TaskRow {
  if (task.workflow_run_id !== null)
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} walks through “${task.workflow_template_id ?? ''}” already. “runboard cancel-workflow ${task.id}” ends that.`,
      { id: task.id },
    )
  if (!STARTABLE.includes(task.status)) throw refuseVerb(task, 'started on a workflow')
  const placed = placeInWorkspace(tx, task, workflow.definition)
  const template = storeTemplate(tx, workflow)
  const row = tx.returning(workflowRuns.insert, {
    task_id: task.id,
    template_id: template.id,
    inputs: JSON.stringify(inputs),
    roles: JSON.stringify(roles),
    started_by: tx.actor,
    started_at: tx.now,
    retried_from: null,
  })
  if (row === undefined) throw new Error('a walk was not stored')
  writeEvent(tx, 'workflow_started', task.id, null, {
    workflow_run_id: row.id,
    workflow: template.name,
    version: template.version,
  })
  const walk = { definition: workflow.definition, inputs, visits: [] }
  return enterFirst(tx, placed, { row, template, walk, roles })
}

/** @returns the workspace that a workflow needs: the one that it states, and a worktree for what it merges */
export function workspaceNeeded({ steps, workspace }: WorkflowDefinition): TaskRow['workspace_kind'] | null {
  return workspace ?? (steps.some(({ kind }) => kind === 'merge') ? 'worktree' : null)
}

/** A card that has not run yet takes the kind of workspace that the workflow asks for. */
function placeInWorkspace(tx: WriteTx, task: TaskRow, definition: WorkflowDefinition): TaskRow {
  const { name } = definition
  const needed = workspaceNeeded(definition)
  if (needed === null || needed === task.workspace_kind) return task
  if (task.workspace_path !== null || task.workspace_of !== null || needed === 'dir')
    throw new OperationError(
      'CONFLICT',
      `The workflow “${name}” needs the workspace ${needed}; task ${task.id} has ${task.workspace_kind}.`,
      { id: task.id, workspace_kind: task.workspace_kind },
    )
  const placed = tx.returning(tasks.setWorkspaceKind, { id: task.id, kind: needed, now: tx.now })
  if (placed === undefined) throw new Error(`task ${task.id} is gone`)
  writeEvent(tx, 'edited', task.id, null, {
    fields: ['workspace_kind'],
    from: { workspace_kind: task.workspace_kind },
  })
  return placed
}
