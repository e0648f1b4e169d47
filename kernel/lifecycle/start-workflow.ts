import { OperationError } from '../../contract/index.ts'
import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as tasks from '../tables/tasks.ts'
import type { Parts } from '../workflow/item-work.ts'
import { enterFirst } from './advance.ts'
import { beginWalk, storeTemplate, type WorkflowSource, workspaceNeeded } from './begin-walk.ts'
import { refuseVerb } from './transition.ts'
import { writeEvent } from './write-event.ts'

/** The checked choices for a start. */
export interface WorkflowStart {
  workflow: WorkflowSource
  inputs: Record<string, unknown>
  roles: Record<string, string>
  /** The workflows that map steps run for their items, by name. */
  parts: Record<string, { workflow: WorkflowSource; roles: Record<string, string> }>
}

/** The statuses in which a workflow can be started: the card neither runs nor is finished. */
const STARTABLE: readonly TaskRow['status'][] = ['triage', 'todo', 'ready', 'blocked', 'review']

/**
 * Starts a walk of a card. The version is stored with it, so a file that is edited later changes nothing for this card.
 *
 * @param head the commit of the work that the card already has, which the first step may ask about; null without work
 * @throws OperationError CONFLICT when the card is on a walk, runs or is over, or its workspace does not fit
 */
export function startWorkflow(
  tx: WriteTx,
  task: TaskRow,
  { workflow, inputs, roles, parts }: WorkflowStart,
  head: string | null,
): TaskRow {
  if (task.workflow_run_id !== null)
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is already on the workflow “${task.workflow_template_id ?? ''}”. “runboard cancel-workflow ${task.id} --reason R” takes it off.`,
      { id: task.id },
    )
  if (!STARTABLE.includes(task.status)) throw refuseVerb(task, 'started on a workflow')
  const placed = placeInWorkspace(tx, task, workflow.definition)
  const template = storeTemplate(tx, workflow)
  const stored = Object.entries(parts).map(([name, part]) => {
    const { digest } = storeTemplate(tx, part.workflow)
    return [name, { digest, roles: part.roles }]
  })
  const { definition } = workflow
  const chosen = { definition, inputs, roles, parts: Object.fromEntries(stored) as Parts }
  return enterFirst(tx, placed, beginWalk(tx, placed, template, chosen), head)
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
