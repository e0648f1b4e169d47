import type { StepOf, WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { afterOf } from './items.ts'

/** Pure functions about the work of items: which of them write, and how their branches come together. */

/**
 * Whether the items of a map step leave work on branches of their own for the branch of their carrier.
 *
 * @param part the workflow that is done for each item; null for a step with work of its own
 */
export function itemsWrite(step: StepOf<'map'>, part: WorkflowDefinition | null): boolean {
  if (typeof step.do !== 'string') return step.do.workspace === 'own'
  const steps = part?.steps ?? []
  // A workflow with a merge step brings its work to its target itself.
  const mergesItself = steps.some((one) => one.kind === 'merge' && one.of === undefined)
  return !mergesItself && steps.some(mayWrite)
}

function mayWrite(step: WorkflowStep): boolean {
  if (step.kind === 'work') return step.workspace === 'own'
  // Items of items are joined into the branch of the item. Those of a workflow may write nothing: then there is nothing to join.
  return step.kind === 'map' && (typeof step.do === 'string' || step.do.workspace === 'own')
}

/** Whether a person chooses one of the items later: then only its branch is joined, by a merge step that says so. */
export function isChosenFrom({ steps }: WorkflowDefinition, key: string): boolean {
  return steps.some((step) => step.kind === 'approve' && step.choose === key)
}

/** What has to be known of an item to place it in the order of joining. */
interface Placed {
  item_key: string
  /** JSON. */
  input: string
}

/**
 * @param items in the order of their list
 * @returns the items, each after those that it comes after, else in the order of the list; with the keys of these
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
    // A list whose items wait for each other never became cards, so there always is a next one.
    const next = rest.find(({ after }) => after.every(isPlaced)) ?? rest[0]
    if (next === undefined) break
    placed.push(next)
    rest = rest.filter((one) => one !== next)
  }
  return placed
}
