import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import type { TemplateRow } from '../tables/workflow-templates.ts'
import { countedBefore } from '../workflow/engine.ts'
import type { Parts } from '../workflow/item-work.ts'
import { graphOf, waysOf } from '../workflow/graph.ts'
import { enterAt } from './advance.ts'
import { beginWalk } from './begin-walk.ts'
import { definitionOf, visitOf } from './walk.ts'

/** A walk that a card starts again from. */
export interface Earlier {
  definition: WorkflowDefinition
  /** Its visits, oldest first. */
  visits: readonly VisitRow[]
}

/** The version to walk through, and what was chosen for it. */
export interface Version {
  template: TemplateRow
  inputs: Record<string, unknown>
  roles: Record<string, string>
  parts: Parts
}

/**
 * Starts a new walk of a card at the step of an earlier visit. The results that counted when that visit began are copied,
 * so that references read them; the time and the rounds of the earlier walk do not count.
 *
 * @param at the visit; its step must exist in the version
 * @param version the version to walk through: that of the earlier walk, or another
 * @param head the commit that stands for the work of the card now
 */
export function walkAgain(
  tx: WriteTx,
  task: TaskRow,
  earlier: Earlier,
  at: VisitRow,
  version: Version,
  head: string | null,
): TaskRow {
  const { inputs, parts, roles, template } = version
  const definition = definitionOf(template)
  const open = beginWalk(tx, task, template, { definition, inputs, roles, parts, retried_from: at.id })
  const { steps } = graphOf(definition)
  const copies = resultsBefore(earlier, at)
    .filter(({ step_key }) => steps.has(step_key))
    .map(({ id }) => tx.returning(workflowRuns.copy, { workflow_run_id: open.row.id, id, visit: 1 }))
    .filter((copy) => copy !== undefined)
  const sender = steps.get(at.entered_from ?? '')
  const isWay =
    sender !== undefined &&
    waysOf(sender).some(({ to, verdict }) => to === at.step_key && verdict === at.entered_via)
  const from = isWay ? { from: at.entered_from, via: at.entered_via } : { from: null, via: null }
  const visit = copies.filter(({ step_key }) => step_key === at.step_key).length + 1
  const walk = { ...open.walk, visits: copies.map(visitOf) }
  const move = { move: 'enter', step: at.step_key, visit, ...from } as const
  return enterAt(tx, task, { ...open, walk }, move, head)
}

/** @returns for each step, its latest result that counted when the visit began; in the order of the walk */
function resultsBefore({ definition, visits }: Earlier, at: VisitRow): VisitRow[] {
  const index = visits.findIndex(({ id }) => id === at.id)
  const copies = visits.filter(({ copied_from }) => copied_from !== null).length
  const counted = countedBefore(definition, visits.map(visitOf), index, copies).flatMap(
    (n) => visits[n] ?? [],
  )
  const latest = new Map(counted.map((visit) => [visit.step_key, visit]))
  return counted.filter((visit) => latest.get(visit.step_key) === visit)
}
