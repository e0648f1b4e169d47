import { OperationError } from '../../contract/index.ts'
import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as tasks from '../tables/tasks.ts'
import type { Parts } from '../workflow/item-work.ts'
import { enterFirst } from './advance.ts'
import { beginWalk, storeTemplate, type WorkflowSource, workspaceNeeded } from './begin-walk.ts'
import { refuseVerb } from './transition.ts'
import type { Version } from './walk-again.ts'
import { writeEvent } from './write-event.ts'

/** The checked choices for a start. */
export interface WorkflowStart {
  workflow: WorkflowSource
  inputs: Record<string, unknown>
  roles: Record<string, string>
  /** The workflows that map steps name for their items, by name, each with its profile per role. */
  parts: Record<string, { workflow: WorkflowSource; roles: Record<string, string> }>
}

/** The statuses in which a workflow can be started: the card is neither running nor finished. */
const STARTABLE: readonly TaskRow['status'][] = ['triage', 'todo', 'ready', 'blocked', 'review']

/**
 * Starts a card on a workflow. The walk keeps the version that it starts with, so later edits of the file do not change
 * it.
 *
 * @param head the commit of the work that the card already has; an approve step records which commit it asks about. null
 *   without work
 * @throws OperationError CONFLICT when the card is already on a walk, is running or finished, or its workspace does not fit
 */
export function startWorkflow(
  tx: WriteTx,
  task: TaskRow,
  start: WorkflowStart,
  head: string | null,
): TaskRow {
  if (task.workflow_run_id !== null)
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is already on the workflow “${task.workflow_template_id ?? ''}”. “runboard cancel-workflow ${task.id} --reason R” takes it off.`,
      { id: task.id },
    )
  if (!STARTABLE.includes(task.status)) throw refuseVerb(task, 'started on a workflow')
  const prepared = takeNeededWorkspace(tx, task, start.workflow.definition)
  const { template, ...chosen } = storeStart(tx, start)
  const { definition } = start.workflow
  return enterFirst(tx, prepared, beginWalk(tx, prepared, template, { definition, ...chosen }), head)
}

/** Stores the version of a start, and those of its parts. */
export function storeStart(tx: WriteTx, { inputs, parts, roles, workflow }: WorkflowStart): Version {
  const template = storeTemplate(tx, workflow)
  const stored = Object.entries(parts).map(([name, part]) => {
    const { digest } = storeTemplate(tx, part.workflow)
    return [name, { digest, roles: part.roles }]
  })
  return { template, inputs, roles, parts: Object.fromEntries(stored) as Parts }
}

/**
 * Changes the workspace kind of a card to the one that the workflow needs. That is only possible while the card has no
 * workspace yet, and never to `dir`, which needs a path.
 *
 * @throws OperationError CONFLICT when it is not possible
 */
function takeNeededWorkspace(tx: WriteTx, task: TaskRow, definition: WorkflowDefinition): TaskRow {
  const { name } = definition
  const needed = workspaceNeeded(definition)
  if (needed === null || needed === task.workspace_kind) return task
  if (task.workspace_path !== null || task.workspace_of !== null || needed === 'dir')
    throw new OperationError(
      'CONFLICT',
      `The workflow “${name}” needs the workspace ${needed}; task ${task.id} has ${task.workspace_kind}.`,
      { id: task.id, workspace_kind: task.workspace_kind },
    )
  const changed = tx.returning(tasks.setWorkspaceKind, { id: task.id, kind: needed, now: tx.now })
  if (changed === undefined) throw new Error(`task ${task.id} is gone`)
  writeEvent(tx, 'edited', task.id, null, {
    fields: ['workspace_kind'],
    from: { workspace_kind: task.workspace_kind },
  })
  return changed
}
