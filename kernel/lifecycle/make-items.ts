import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import { isSatisfied } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskLinks from '../tables/task-links.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import * as templates from '../tables/workflow-templates.ts'
import { type ItemWalk, oneStep, type Parts, walkOfItem } from '../workflow/item-work.ts'
import type { Item } from '../workflow/items.ts'
import { itemsWrite } from '../workflow/joins.ts'
import { digestOf } from '../workflow/read-file.ts'
import { beginWalk, storeTemplate, workspaceNeeded } from './begin-walk.ts'
import { insertNewTask, type NewTask } from './create-task.ts'
import { waitsWith } from './hold.ts'
import { getTask } from './moved.ts'
import { proposedFields } from './propose.ts'
import { definitionOf, type StartedWalk } from './walk.ts'
import { writeEvent } from './write-event.ts'

/** A new card for an item. Its walk has not entered the first step yet. */
export interface MadeItem {
  task: TaskRow
  open: StartedWalk
}

/** The workflow for the cards of a map step. */
interface ItemWorkflow {
  template: templates.TemplateRow
  definition: WorkflowDefinition
  roles: Record<string, string>
}

/**
 * Makes a card for each item, with a link that makes the carrier wait for it. The caller starts the walks of the cards
 * after it has placed the carrier at the step.
 *
 * @returns the cards, or a sentence that says why none was made
 */
export function makeItems(
  tx: WriteTx,
  carrier: TaskRow,
  open: StartedWalk,
  visit: VisitRow,
  step: StepOf<'map'>,
  items: readonly Item[],
): MadeItem[] | { problem: string } {
  const parts = JSON.parse(open.row.parts) as Parts
  const workflow = itemWorkflow(tx, open, step, parts)
  const walk = { ...open.walk, visits: open.walk.visits }
  const walks: ItemWalk[] = []
  for (const item of items) {
    const one = walkOfItem(step, item, walk, open.roles, typeof step.do === 'string' ? workflow : null)
    if ('problem' in one) return one
    walks.push(one)
  }
  const placed = placeFor(carrier, visit, step, open.walk.definition, workflow.definition)
  if ('problem' in placed) return placed
  const gates = gatesOf(tx, getTask(tx, carrier.id))
  const made = items.map((item) => insertItem(tx, carrier, visit, item, { ...placed, ...gates }))
  const ids = new Map(made.map(({ id }, index) => [items[index]?.key, id]))
  for (const [index, { after }] of items.entries())
    for (const before of after)
      tx.run(taskLinks.insert, { parent_id: ids.get(before) ?? '', child_id: made[index]?.id ?? '' })
  writeEvent(tx, 'items_created', carrier.id, null, {
    step: step.key,
    visit: visit.visit,
    count: items.length,
  })
  return made.map((task, index) => {
    const { definition, inputs, roles } = walks[index] as ItemWalk
    return { task, open: beginWalk(tx, task, workflow.template, { definition, inputs, roles, parts }) }
  })
}

function itemWorkflow(tx: WriteTx, { walk }: StartedWalk, step: StepOf<'map'>, parts: Parts): ItemWorkflow {
  if (typeof step.do !== 'string') {
    const definition = oneStep(walk.definition, step)
    const source = { definition, digest: digestOf(definition), source: 'inline', path: null } as const
    return { template: storeTemplate(tx, source), definition, roles: {} }
  }
  const part = parts[step.do]
  const template = part === undefined ? undefined : tx.get(templates.byDigest, { digest: part.digest })
  if (part === undefined || template === undefined) throw new Error(`the workflow ${step.do} is not stored`)
  return { template, definition: definitionOf(template), roles: part.roles }
}

interface Place extends Pick<NewTask, 'workspace_kind' | 'workspace_path' | 'base_ref' | 'project_dir'> {
  /** Whether the item works on a branch of its own, which is joined into the carrier's branch. */
  has_branch: boolean
}

/**
 * Chooses the workspace of the items. They run in parallel, so none shares the worktree of the carrier. In a worktree, each
 * starts from the work of the carrier as it is now, with what is not committed; a workflow that merges its own work starts
 * from the commit that the carrier started from. Items in projects of their own start from what is checked out there.
 *
 * @param whole the workflow of the carrier
 * @param definition the workflow of the items
 */
function placeFor(
  carrier: TaskRow,
  visit: VisitRow,
  step: StepOf<'map'>,
  whole: WorkflowDefinition,
  definition: WorkflowDefinition,
): Place | { problem: string } {
  const isWorkflow = typeof step.do === 'string'
  if (step.project !== undefined) {
    const { workspace } = isWorkflow ? definition : whole
    return { workspace_kind: workspace === 'dir' ? 'dir' : 'worktree', has_branch: false }
  }
  const writes = itemsWrite(step, isWorkflow ? definition : null)
  const workspace_kind = (isWorkflow ? workspaceNeeded(definition) : null) ?? carrier.workspace_kind
  const { project_dir } = carrier
  if (workspace_kind === 'scratch') return { workspace_kind, project_dir, has_branch: false }
  if (workspace_kind === 'worktree') {
    const has_branch = writes && carrier.workspace_kind === 'worktree'
    const base_ref = (isWorkflow && !has_branch ? null : visit.head_in) ?? carrier.base_ref
    return { workspace_kind, base_ref, project_dir, has_branch }
  }
  return carrier.workspace_kind === 'dir' && carrier.workspace_path !== null
    ? { workspace_kind, workspace_path: carrier.workspace_path, project_dir, has_branch: false }
    : { problem: `“${step.key}” needs a card with a folder (--workspace dir:PATH).` }
}

interface Gates extends Pick<NewTask, 'held' | 'held_reason' | 'proposed_fields' | 'not_before_at'> {
  parents: { id: string; status: TaskRow['status'] }[]
}

/** @returns the gates of the carrier, which apply to its items too */
function gatesOf(tx: WriteTx, carrier: TaskRow): Gates {
  const isHeld = carrier.held === 1
  return {
    held: isHeld,
    held_reason: isHeld ? waitsWith(carrier.id) : null,
    proposed_fields: carrier.proposed_fields === null ? null : proposedFields(carrier),
    not_before_at: carrier.not_before_at,
    parents: tx.all(taskLinks.unsettledParentsOf, { id: carrier.id }),
  }
}

function insertItem(
  tx: WriteTx,
  carrier: TaskRow,
  visit: VisitRow,
  item: Item,
  { parents, has_branch, ...placed }: Place & Gates,
): TaskRow {
  const { max_runtime_seconds, priority, tenant, verify_command } = carrier
  const task = insertNewTask(tx, {
    title: item.title,
    waits: item.after.length > 0 || parents.some(({ status }) => !isSatisfied(status)),
    ...{ max_runtime_seconds, priority, tenant, verify_command },
    ...placed,
    ...inProject(placed, item),
  })
  writeEvent(tx, 'created', task.id, null, {
    status: task.status,
    assignee: null,
    parents: parents.map(({ id }) => id),
    children: [carrier.id],
    tenant,
    by_run: null,
    item: item.key,
    item_of: carrier.id,
    ...(item.project === null ? {} : { project_dir: item.project }),
  })
  tx.run(workflowItems.insert, {
    visit_id: visit.id,
    item_key: item.key,
    position: item.position,
    task_id: task.id,
    input: JSON.stringify(item.input),
    has_branch: has_branch ? 1 : 0,
  })
  for (const { id } of parents) tx.run(taskLinks.insert, { parent_id: id, child_id: task.id })
  tx.run(taskLinks.insert, { parent_id: task.id, child_id: carrier.id })
  return task
}

/** @returns the folder of an item that has a project of its own */
function inProject(
  { workspace_kind }: Pick<Place, 'workspace_kind'>,
  { project }: Item,
): Pick<NewTask, 'workspace_path' | 'project_dir'> {
  if (project === null) return {}
  return { project_dir: project, ...(workspace_kind === 'dir' ? { workspace_path: project } : {}) }
}
