import { OperationError } from '../../contract/index.ts'
import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { WorkflowSource } from '../lifecycle/begin-walk.ts'
import { workflowsIn } from '../workflow/check-map.ts'
import { DEEPEST_PARTS } from '../workflow/item-work.ts'
import { itemsWrite } from '../workflow/joins.ts'

/**
 * Finds the workflows that the map steps of a workflow run for their items, at every level, and checks that they get the
 * inputs that they need. The start of the card chooses them, so that a file that is edited later changes nothing.
 *
 * @param find returns a workflow that may be started, by name
 * @returns each once, by name
 * @throws OperationError CONFLICT when a workflow leads back to itself, is nested too deep, or the inputs do not fit
 */
export function partsOf(
  whole: WorkflowDefinition,
  find: (name: string) => WorkflowSource,
): Map<string, WorkflowSource> {
  const parts = new Map<string, WorkflowSource>()
  const add = (definition: WorkflowDefinition, above: readonly string[]) => {
    const way = [...above, definition.name]
    for (const name of workflowsIn(definition)) {
      if (way.includes(name))
        throw refuse(
          whole,
          `“${definition.name}” runs “${name}” for its items, which is a loop: ${[...way, name].join(' → ')}`,
        )
      if (way.length > DEEPEST_PARTS)
        throw refuse(
          whole,
          `items can be nested at most ${DEEPEST_PARTS} deep: ${[...way, name].join(' → ')}`,
        )
      const part = parts.get(name) ?? find(name)
      parts.set(name, part)
      refuseUnfitInputs(whole, definition, part.definition)
      refuseIdleVerify(whole, definition, part.definition)
      add(part.definition, way)
    }
  }
  add(whole, [])
  return parts
}

function refuse({ name }: WorkflowDefinition, why: string): OperationError {
  return new OperationError('CONFLICT', `The workflow “${name}” cannot be started: ${why}.`, { name })
}

/** A map step must give its workflow every required input, and no unknown one. */
function refuseUnfitInputs(
  whole: WorkflowDefinition,
  { steps }: WorkflowDefinition,
  part: WorkflowDefinition,
): void {
  for (const step of steps) {
    if (step.kind !== 'map' || step.do !== part.name) continue
    const given = Object.keys(step.with ?? {})
    const unknown = given.find((name) => part.inputs[name] === undefined)
    if (unknown !== undefined)
      throw refuse(
        whole,
        `the step “${step.key}” gives “${part.name}” the input “${unknown}”, which it does not have`,
      )
    const missing = Object.entries(part.inputs).find(
      ([name, input]) => input.required && !given.includes(name),
    )
    if (missing !== undefined)
      throw refuse(
        whole,
        `“${part.name}” needs the input “${missing[0]}”: give it under “with” of the step “${step.key}”`,
      )
  }
}

/** The branches of a workflow that merges its own work, or writes nothing, are not joined, so nothing runs between them. */
function refuseIdleVerify(
  whole: WorkflowDefinition,
  { steps }: WorkflowDefinition,
  part: WorkflowDefinition,
): void {
  const idle = steps.find(
    (step) => step.kind === 'map' && step.do === part.name && step.verify === true && !itemsWrite(step, part),
  )
  if (idle === undefined) return
  throw refuse(whole, `“verify” of “${idle.key}” has no effect: “${part.name}” leaves no branches to join`)
}

/**
 * Checks the roles of a workflow and the workflows of its items.
 *
 * @param used the roles that the steps of the workflow name
 * @param given the roles that the caller chose a profile for
 * @throws OperationError INVALID_INPUT for a given role that does not exist; CONFLICT for a role of the workflow that neither
 *   its steps nor a workflow of its items use
 */
export function refuseUnknownRoles(
  { name, roles }: WorkflowDefinition,
  used: ReadonlySet<string>,
  parts: ReadonlyMap<string, WorkflowSource>,
  given: Record<string, string>,
): void {
  const ofParts = new Set([...parts.values()].flatMap(({ definition }) => Object.keys(definition.roles)))
  const all = [...new Set([...Object.keys(roles), ...ofParts])]
  const unknown = Object.keys(given).find((role) => !all.includes(role))
  if (unknown !== undefined)
    throw new OperationError(
      'INVALID_INPUT',
      `“${name}” has no role “${unknown}”; it has ${all.join(', ') || 'none'}.`,
      { role: unknown },
    )
  const idle = Object.keys(roles).find((role) => !used.has(role) && !ofParts.has(role))
  if (idle !== undefined)
    throw new OperationError(
      'CONFLICT',
      `The role “${idle}” of “${name}” has no effect: neither a step nor a workflow of its items uses it.`,
      { role: idle },
    )
}

/** @throws OperationError CONFLICT when an input lists the profiles of items, and one of them does not exist */
export function refuseUnknownProfiles(
  { name, steps }: WorkflowDefinition,
  inputs: Record<string, unknown>,
  profiles: ReadonlyMap<string, unknown>,
): void {
  for (const step of steps) {
    const areProfiles = step.kind === 'map' && typeof step.do !== 'string' && step.do.profile === '{{item}}'
    const list =
      areProfiles && step.over.startsWith('inputs.') ? inputs[step.over.slice('inputs.'.length)] : []
    const names = Array.isArray(list) ? (list as string[]) : []
    const unknown = names.find((profile) => !profiles.has(profile))
    if (unknown !== undefined)
      throw new OperationError(
        'CONFLICT',
        `The step “${step.key}” of “${name}” names the profile “${unknown}”, which does not exist.`,
        { step: step.key },
      )
  }
}
