import type { StepOf, WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { afterOf } from './items.ts'

/** Pure functions about the work of items: which of them write, and in which order their branches are joined. */

/**
 * Whether the items of a map step leave work on their own branches, to be joined into the branch of their carrier.
 *
 * @param part the workflow that `do` names; null when `do` describes the work itself
 */
export function itemsWrite(step: StepOf<'map'>, part: WorkflowDefinition | null): boolean {
  // Their branches are in other repositories.
  if (step.project !== undefined) return false
  if (typeof step.do !== 'string') return step.do.workspace === 'own'
  const steps = part?.steps ?? []
  // A workflow with a merge step merges its own work into its target.
  const mergesItself = steps.some((one) => one.kind === 'merge' && one.of === undefined)
  return !mergesItself && steps.some(mayWrite)
}

function mayWrite(step: WorkflowStep): boolean {
  if (step.kind === 'work') return step.workspace === 'own'
  // Items of items are joined into the branch of the item. If a workflow does them, it may write nothing: joining skips that.
  return step.kind === 'map' && (typeof step.do === 'string' || step.do.workspace === 'own')
}

/** Whether a person chooses one of the items later: then only its branch is joined, by a merge step with `of`. */
export function isChosenFrom({ steps }: WorkflowDefinition, key: string): boolean {
  return steps.some((step) => step.kind === 'approve' && step.choose === key)
}

/** The fields of an item that decide its place in the order of joining. */
interface Placed {
  item_key: string
  /** The item, as JSON. */
  input: string
}

/**
 * @param items in the order of their list
 * @returns the items in the order of the list, but each behind those that it comes `after`; `after` has the keys of those
 */
export function joinOrder<T extends Placed>(
  step: Pick<StepOf<'map'>, 'after'>,
  items: readonly T[],
): { item: T; after: string[] }[] {
  const keys = new Set(items.map(({ item_key }) => item_key))
  let rest = items.map((item) => ({
    item,
    after: (afterOf(step, JSON.parse(item.input)) ?? []).filter((key) => keys.has(key)),
  }))
  const placed: typeof rest = []
  const isPlaced = (key: string) => placed.some(({ item }) => item.item_key === key)
  while (rest.length > 0) {
    // Cards are never made from a list whose items wait for each other, so there always is a next one.
    const next = rest.find(({ after }) => after.every(isPlaced)) ?? rest[0]
    if (next === undefined) break
    placed.push(next)
    rest = rest.filter((one) => one !== next)
  }
  return placed
}
