import { type StepOf, type WorkflowDefinition, workflowFile } from '../../contract/workflow-file.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { valuesOf, type Walk } from './engine.ts'
import { valuesFor } from './input-problem.ts'
import type { Item } from './items.ts'
import { fillIn, valueIn, type Values } from './references.ts'

/** Pure functions about what is done with one item of a map step. */

/** The workflows that the map steps of a walk run for their items, by name, each with the profile of every role. */
export type Parts = Record<string, { digest: string; roles: Record<string, string> }>

/** The walk of an item's card. */
export interface ItemWalk {
  definition: WorkflowDefinition
  inputs: Record<string, unknown>
  roles: Record<string, string>
}

/** The workflow that a map step names for its items, with the profile of every role. */
type NamedWorkflow = { definition: WorkflowDefinition; roles: Record<string, string> }

/**
 * @param named the workflow that `do` names; null when `do` describes the work itself
 * @returns how the card of an item walks, or a sentence that says why it cannot
 */
export function walkOfItem(
  step: StepOf<'map'>,
  item: Item,
  walk: Walk,
  roles: Record<string, string>,
  named: NamedWorkflow | null,
): ItemWalk | { problem: string } {
  const values: Values = { ...valuesOf(walk), item: item.input }
  const refuse = (why: string) => ({ problem: `The item “${item.key}” of “${step.key}”: ${why}.` })
  if (typeof step.do !== 'string') {
    const profile =
      step.do.profile === undefined ? roles[step.do.role ?? ''] : fillIn(step.do.profile, values).text
    if (profile === undefined || profile === '' || profile.length > 100 || isReservedProfile(profile))
      return refuse(`it cannot be done by “${profile ?? ''}”`)
    const definition = oneStep(walk.definition, step)
    const given = valuesFor(definition, { [TASK]: fillIn(step.do.prompt, values).text })
    return 'why' in given
      ? refuse(given.why)
      : { definition, inputs: given.values, roles: { [WORKER]: profile } }
  }
  if (named === null) throw new Error(`the workflow ${step.do} is missing`)
  const given = Object.entries(step.with ?? {}).map(([name, value]) => [name, valueIn(value, values)])
  const chosen = valuesFor(named.definition, Object.fromEntries(given) as Record<string, unknown>)
  if (!('why' in chosen)) return { definition: named.definition, inputs: chosen.values, roles: named.roles }
  const which = chosen.input === null ? 'the inputs' : `the input “${chosen.input}”`
  return refuse(`${which} of “${step.do}”: ${chosen.why}`)
}

const TASK = 'task'
const WORKER = 'worker'

const oneSteps = new WeakMap<object, WorkflowDefinition>()

/**
 * @returns the workflow for an item whose work the map step describes itself: one step, and an end. Returns the same object
 *   each time, because a step of a stored version never changes
 */
export function oneStep(definition: WorkflowDefinition, step: StepOf<'map'>): WorkflowDefinition {
  if (typeof step.do === 'string') throw new Error(`the step ${step.key} names a workflow`)
  const known = oneSteps.get(step)
  if (known !== undefined) return known
  const { profile: _profile, prompt: _prompt, role: _role, ...work } = step.do
  const name = `${definition.name}-${step.key.replaceAll('_', '-')}`.slice(0, 60)
  const title = `${definition.title}: ${step.title ?? step.key}`.slice(0, 200)
  const parsed = workflowFile().parse({
    runboard: 1,
    name,
    title,
    inputs: { [TASK]: { type: 'text', required: true } },
    roles: { [WORKER]: {} },
    steps: [
      {
        key: 'work',
        kind: 'work',
        role: WORKER,
        prompt: `{{inputs.${TASK}}}`,
        ...work,
        on: { done: 'over' },
      },
      { key: 'over', kind: 'end', state: 'succeeded' },
    ],
  })
  oneSteps.set(step, parsed)
  return parsed
}

/** How deep maps may nest: the workflow of an item can have a map step of its own. */
export const DEEPEST_PARTS = 4
