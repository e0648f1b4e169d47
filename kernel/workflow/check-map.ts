import type { StepOf, WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { handsOver } from './hands-over.ts'
import { projectProblems } from './check-project.ts'
import { isChosenFrom } from './joins.ts'
import type { Path, Problem } from './problem.ts'
import { parseReference, piecesOf } from './references.ts'
import { type Schema, whyUnusable } from './schema-check.ts'

/** The shape of the items of a map step, as far as it is known before the step runs. */
interface KnownItems {
  /** All items are strings. */
  areTexts: boolean
  /** Each field that an item may have, and whether every item has it; null when the fields are unknown. */
  fields: ReadonlyMap<string, boolean> | null
}

/** Finds the mistakes in map steps, except wrong references to inputs and steps: check-references.ts finds those. */
export function maps(definition: WorkflowDefinition): Problem[] {
  return definition.steps.flatMap((step, index) => {
    const path = ['steps', index]
    if (step.kind === 'approve' && step.choose !== undefined) return chooses(definition, step.choose, path)
    if (step.kind === 'merge' && step.of !== undefined) return joinsChosen(definition, step.of, path)
    if (step.kind !== 'map') return []
    const list = listOf(definition, step.over)
    if ('problem' in list) return [{ path: [...path, 'over'], message: list.problem }]
    return [
      ...fieldProblems(step, list, path),
      ...doProblems(definition, step, path),
      ...itemReferences(step, list, path),
      ...limits(step, path),
      ...idleVerify(definition, step, path),
      ...projectProblems(definition, step, path),
    ]
  })
}

function chooses({ steps }: WorkflowDefinition, key: string, path: Path): Problem[] {
  return steps.some((step) => step.key === key && step.kind === 'map')
    ? []
    : [
        {
          path: [...path, 'choose'],
          message: `“${key}” is not a map step, so it has no items to choose from`,
        },
      ]
}

/** A merge step with `of` joins the item that an approve step has chosen. */
function joinsChosen({ steps }: WorkflowDefinition, key: string, path: Path): Problem[] {
  const of = steps.find((step) => step.key === key)
  const at = [...path, 'of']
  if (of?.kind !== 'approve' || of.choose === undefined)
    return [{ path: at, message: `“${key}” is not an approve step with “choose”` }]
  const map = steps.find((step) => step.key === of.choose)
  return map?.kind === 'map' && map.project !== undefined
    ? [
        {
          path: at,
          message: `the items of “${map.key}” work in projects of their own, and branches there cannot be joined`,
        },
      ]
    : []
}

/** `verify` runs after each branch that is joined, so the items must have branches. */
function idleVerify(definition: WorkflowDefinition, step: StepOf<'map'>, path: Path): Problem[] {
  if (step.verify === undefined) return []
  const { workspace } = definition
  const why =
    typeof step.do !== 'string' && step.do.workspace === 'read-only'
      ? 'the items only read'
      : workspace === 'scratch' || workspace === 'dir'
        ? `the workspace is ${workspace}, so items have no branches`
        : step.project !== undefined
          ? 'the items work in projects of their own, and branches there are not joined'
          : isChosenFrom(definition, step.key)
            ? 'a person chooses one of the items; give “verify” to the merge step that joins it'
            : null
  return why === null ? [] : [{ path: [...path, 'verify'], message: `verify has no effect: ${why}` }]
}

/** Finds the list that a reference means. check-references.ts reports a step that does not exist. */
export function listOf(
  { inputs, steps }: WorkflowDefinition,
  over: string,
): KnownItems | { problem: string } {
  const reference = parseReference(over)
  if (reference?.of === 'input') {
    const input = inputs[reference.name]
    return input === undefined || input.type === 'list'
      ? { areTexts: true, fields: null }
      : { problem: `the input “${reference.name}” is not a list` }
  }
  if (reference?.of !== 'step' || reference.field !== 'metadata' || reference.path.length !== 1)
    return { problem: 'expected inputs.NAME, or steps.KEY.metadata.NAME' }
  const [name = ''] = reference.path
  const source = steps.find(({ key }) => key === reference.key)
  // check-references.ts checks that the step and the property exist.
  const schema = source === undefined ? null : handsOver(steps, source).get(name)?.schema
  if (schema == null) return { areTexts: false, fields: null }
  if (schema['type'] === 'array') return itemsIn(schema['items'])
  const hint = source?.kind === 'map' ? '' : ': its JSON Schema must have “type: array”'
  return { problem: `“${over}” is not a list${hint}` }
}

function itemsIn(items: unknown): KnownItems {
  if (typeof items !== 'object' || items === null) return { areTexts: false, fields: null }
  const { properties: known, required, type } = items as Schema
  if (type === 'string') return { areTexts: true, fields: null }
  if (typeof known !== 'object' || known === null) return { areTexts: false, fields: null }
  const sure: unknown[] = Array.isArray(required) ? required : []
  return {
    areTexts: false,
    fields: new Map(Object.keys(known).map((field) => [field, sure.includes(field)])),
  }
}

/** @returns why a field of the items cannot be read; null when it can */
function fieldProblem(list: KnownItems, name: string, mustBe: boolean): string | null {
  if (list.areTexts) return `the items are texts and have no “${name}”`
  if (list.fields === null) return null
  const isSure = list.fields.get(name)
  if (isSure === undefined) return `the items have no field “${name}”`
  return isSure || !mustBe ? null : `“${name}” may be missing from an item: list it under “required”`
}

function fieldProblems(step: StepOf<'map'>, list: KnownItems, path: Path): Problem[] {
  const { after, item_key } = step
  const found = (name: string, message: string | null) =>
    message === null ? [] : [{ path: [...path, name], message }]
  return [
    ...(item_key === undefined ? [] : found('item_key', fieldProblem(list, item_key, true))),
    ...(after === undefined
      ? []
      : found(
          'after',
          item_key === undefined
            ? '“after” names items by their keys: set item_key to the field with the key'
            : fieldProblem(list, after, false),
        )),
  ]
}

function doProblems(definition: WorkflowDefinition, step: StepOf<'map'>, path: Path): Problem[] {
  const at = [...path, 'do']
  if (typeof step.do === 'string')
    return step.do === definition.name
      ? [{ path: at, message: 'a workflow cannot run itself for each item' }]
      : []
  const { metadata, profile, role } = step.do
  const roles = new Set(Object.keys(definition.roles))
  return [
    ...(step.with === undefined
      ? []
      : [
          {
            path: [...path, 'with'],
            message: 'with has no effect: it sets the inputs of a workflow, and “do” names no workflow',
          },
        ]),
    ...((role === undefined) === (profile === undefined)
      ? [{ path: at, message: 'name either a role or a profile for the work' }]
      : []),
    ...(role === undefined || roles.has(role)
      ? []
      : [{ path: [...at, 'role'], message: `there is no role “${role}”` }]),
    ...(metadata === undefined ? [] : schemaProblem(metadata, [...at, 'metadata'])),
  ]
}

/** @returns what is wrong with the JSON Schema of a report, or of a form */
export function schemaProblem(schema: Schema, path: Path): Problem[] {
  if (schema['type'] !== 'object')
    return [{ path, message: `${String(path.at(-1))} must have “type: object”` }]
  const why = whyUnusable(schema)
  return why === null ? [] : [{ path, message: `not a valid JSON Schema: ${why}` }]
}

/** @returns the texts of a map step that may refer to `item`, each with its path in the step */
export function textsOfMap(step: StepOf<'map'>): { text: string; path: Path }[] {
  const inWith = Object.entries(step.with ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [{ text: value, path: ['with', name] }] : [],
  )
  const own = [...inWith, ...(step.project === undefined ? [] : [{ text: step.project, path: ['project'] }])]
  if (typeof step.do === 'string') return own
  const { profile, prompt } = step.do
  return [
    ...own,
    { text: prompt, path: ['do', 'prompt'] },
    ...(profile === undefined ? [] : [{ text: profile, path: ['do', 'profile'] }]),
  ]
}

function itemReferences(step: StepOf<'map'>, list: KnownItems, path: Path): Problem[] {
  return textsOfMap(step).flatMap(({ text, path: at }) =>
    piecesOf(text).flatMap((piece) => {
      const reference = 'reference' in piece ? parseReference(piece.reference) : null
      const [name] = reference?.of === 'item' ? reference.path : []
      const message = name === undefined ? null : fieldProblem(list, name, true)
      return message === null ? [] : [{ path: [...path, ...at], message }]
    }),
  )
}

function limits({ key, max_items, max_parallel, on }: StepOf<'map'>, path: Path): Problem[] {
  const back = 'an empty list cannot lead back, because no worker or person is at the step'
  const succeeded = on['succeeded']
  return [
    ...(max_parallel === undefined || max_parallel < max_items
      ? []
      : [
          {
            path: [...path, 'max_parallel'],
            message: `max_parallel has no effect: there are at most ${max_items} items`,
          },
        ]),
    ...(on['empty']?.max_rounds == null ? [] : [{ path: [...path, 'on', 'empty'], message: back }]),
    ...(on['empty'] !== undefined || succeeded?.max_rounds == null
      ? []
      : [{ path: [...path, 'on', 'succeeded'], message: `${back}: add a way for “empty” to “${key}”` }]),
  ]
}

/** @returns the roles that a step names */
export function rolesIn(step: WorkflowStep): string[] {
  const role =
    step.kind === 'work'
      ? step.role
      : step.kind === 'map' && typeof step.do !== 'string'
        ? step.do.role
        : undefined
  return role === undefined ? [] : [role]
}

/** @returns the names of the workflows that map steps run for their items, each once */
export function workflowsIn({ steps }: WorkflowDefinition): string[] {
  return [
    ...new Set(
      steps.flatMap((step) => (step.kind === 'map' && typeof step.do === 'string' ? [step.do] : [])),
    ),
  ]
}
