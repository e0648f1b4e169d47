import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { TemplateSource } from '../../contract/workflow-kinds.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import * as templates from '../tables/workflow-templates.ts'
import type { TemplateRow } from '../tables/workflow-templates.ts'
import { waysOf } from '../workflow/graph.ts'
import type { Parts } from '../workflow/item-work.ts'
import { keptAssignee, type StartedWalk } from './walk.ts'
import { writeEvent } from './write-event.ts'

/** A definition, and where it was found. */
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

/** @returns the workspace that a workflow needs: the stated one, else a worktree if it merges; null when any will do */
export function workspaceNeeded({ steps, workspace }: WorkflowDefinition): TaskRow['workspace_kind'] | null {
  return workspace ?? (steps.some(({ kind }) => kind === 'merge') ? 'worktree' : null)
}

/** Stores a walk that has not entered its first step yet. */
export function beginWalk(
  tx: WriteTx,
  task: Pick<TaskRow, 'id' | 'assignee'>,
  template: TemplateRow,
  walk: {
    definition: WorkflowDefinition
    inputs: Record<string, unknown>
    roles: Record<string, string>
    parts: Parts
    /** The visit of an earlier walk that this one starts again from. */
    retried_from?: number
  },
): StartedWalk {
  const { definition, inputs, parts, retried_from = null, roles } = walk
  const row = tx.returning(workflowRuns.insert, {
    task_id: task.id,
    template_id: template.id,
    inputs: JSON.stringify(inputs),
    roles: JSON.stringify(roles),
    started_by: tx.actor,
    started_at: tx.now,
    retried_from,
    parts: JSON.stringify(parts),
    assignee_before: keptAssignee(task.assignee) ?? '',
  })
  if (row === undefined) throw new Error('a walk was not stored')
  writeEvent(tx, 'workflow_started', task.id, null, {
    workflow_run_id: row.id,
    workflow: template.name,
    version: template.version,
    ...(retried_from === null ? {} : { retried_from }),
  })
  return { row, template, walk: { definition, inputs, visits: [] }, roles }
}
