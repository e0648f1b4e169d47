import type { Reader } from '../db/connection.ts'
import { definitionOf } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import * as templates from '../tables/workflow-templates.ts'
import { graphOf } from '../workflow/graph.ts'
import { joinOrder } from '../workflow/joins.ts'
import { combine } from '../workers/changes/join-work.ts'
import { knownCommit } from '../workers/git/git-refs.ts'

/**
 * The commit that the branch of an item starts from: the work of its carrier, with the work of the items that it comes after.
 * Work that conflicts is left out; joining resolves the conflict later.
 *
 * @param project the project that the card works in
 * @returns a commit or branch; null for the commit that the project has checked out
 */
export async function startOfItem(
  reader: Reader,
  task: TaskRow,
  project: string | null,
): Promise<string | null> {
  const commits = project === null || task.workspace_path !== null ? [] : workBefore(reader, task.id)
  if (project === null || commits.length === 0) return task.base_ref
  const base = await knownCommit(project, task.base_ref ?? 'HEAD')
  if (base === null) return task.base_ref
  const known = await Promise.all(commits.map((commit) => knownCommit(project, commit)))
  const found = known.filter((commit) => commit !== null)
  return (await combine(project, base, found, `What ${task.id} starts from: ${task.title}`)).commit
}

/** @returns the commits of the work of the items that the card's item comes after, in the order of joining */
function workBefore(reader: Reader, task_id: string): string[] {
  const item = reader.get(workflowItems.ofTask, { task_id })
  if (item?.has_branch !== 1) return []
  const visit = reader.get(workflowRuns.visitById, { id: item.visit_id })
  const walk = visit && reader.get(workflowRuns.byId, { id: visit.workflow_run_id })
  const template = walk && reader.get(templates.byId, { id: walk.template_id })
  const step = template && graphOf(definitionOf(template)).steps.get(item.step_key)
  if (step?.kind !== 'map' || step.after === undefined) return []
  const order = joinOrder(step, reader.all(workflowItems.ofVisit, { visit_id: item.visit_id }))
  const before = order.find((one) => one.item.item_key === item.item_key)?.after ?? []
  return order.flatMap(({ item: { item_key, state, work_head } }) =>
    before.includes(item_key) && state === 'succeeded' && work_head !== null ? [work_head] : [],
  )
}
