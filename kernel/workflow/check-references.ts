import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { textsOfMap } from './check-map.ts'
import { referencesIn } from './conditions.ts'
import { type Graph, graphOf, reached } from './graph.ts'
import { MAP_METADATA } from './items.ts'
import type { Path, Problem } from './problem.ts'
import { parseReference, piecesOf, type Reference } from './references.ts'

/** A reference as it is written, and the step that contains it. */
interface Mention {
  text: string
  path: Path
  step: WorkflowStep
}

/** @returns every reference in a definition */
function mentionsOf({ steps }: WorkflowDefinition): Mention[] {
  return steps.flatMap((step, index) => {
    const at = (name: string): Path => ['steps', index, name]
    const inText = (name: string, text: string) =>
      piecesOf(text).flatMap((piece) =>
        'reference' in piece ? [{ text: piece.reference, path: at(name), step }] : [],
      )
    switch (step.kind) {
      case 'work':
        return inText('prompt', step.prompt)
      case 'approve':
        return [
          ...inText('question', step.question),
          ...(step.show ?? []).map((text, place) => ({ text, path: [...at('show'), place], step })),
          ...(step.choose === undefined
            ? []
            : [{ text: `steps.${step.choose}.metadata.items`, path: at('choose'), step }]),
        ]
      case 'map':
        return [
          { text: step.over, path: at('over'), step },
          ...textsOfMap(step).flatMap(({ text, path }) =>
            piecesOf(text).flatMap((piece) =>
              'reference' in piece ? [{ text: piece.reference, path: ['steps', index, ...path], step }] : [],
            ),
          ),
        ]
      case 'merge':
        return step.of === undefined ? [] : [{ text: `steps.${step.of}.metadata.item`, path: at('of'), step }]
      case 'decide':
        return step.rules.flatMap(({ when }, rule) =>
          referencesIn(when, [...at('rules'), rule, 'when']).map(({ text, path }) => ({ text, path, step })),
        )
      default:
        return []
    }
  })
}

/** Every reference must name something that exists. Outside conditions, it must also have a value in every walk. */
export function references(definition: WorkflowDefinition): Problem[] {
  const graph = graphOf(definition)
  // A prompt may mention the same value many times.
  const seen = new Map<string, string | null>()
  return mentionsOf(definition).flatMap(({ text, path, step }) => {
    const mention = `${step.key} ${text}`
    const known = seen.get(mention)
    if (known !== undefined) return known === null ? [] : [{ path, message: known }]
    const reference = parseReference(text)
    const message =
      reference === null
        ? `“${text}” is not a reference: write inputs.NAME, steps.KEY.verdict, steps.KEY.summary or steps.KEY.metadata.NAME`
        : referenceProblem(definition, graph, reference, step)
    seen.set(mention, message)
    return message === null ? [] : [{ path, message }]
  })
}

function referenceProblem(
  definition: WorkflowDefinition,
  graph: Graph,
  reference: Reference,
  step: WorkflowStep,
): string | null {
  if (reference.of === 'item')
    return step.kind === 'map' ? null : '“item” can be used only in the “do” and “with” of a map step'
  // A condition may test whether a value exists; prompts, questions and `show` must have one.
  const mayBeEmpty = step.kind === 'decide'
  if (reference.of === 'input') {
    const input = definition.inputs[reference.name]
    if (input === undefined) return `there is no input “${reference.name}”`
    const isSure = mayBeEmpty || input.required || input.default !== undefined
    return isSure ? null : `the input “${reference.name}” may be empty: make it required or give it a default`
  }
  const source = graph.steps.get(reference.key)
  if (source === undefined) return `there is no step “${reference.key}”`
  const unknown = fieldProblem(source, reference, mayBeEmpty)
  if (unknown !== null || mayBeEmpty) return unknown
  return isAlwaysBefore(graph, source.key, step.key, verdictFor(source, reference))
    ? null
    : `some way leads to “${step.key}” without a valid visit of “${source.key}”`
}

function fieldProblem(
  source: WorkflowStep,
  { field, path }: Extract<Reference, { of: 'step' }>,
  mayBeEmpty: boolean,
): string | null {
  if (source.kind === 'end') return `“${source.key}” is an end and hands nothing over`
  if (field !== 'metadata') return null
  const name = path[0] ?? ''
  if (source.kind === 'merge')
    return Object.hasOwn(MERGE_METADATA, name)
      ? null
      : `“${source.key}” hands over ${Object.keys(MERGE_METADATA).join(', ')}`
  if (source.kind === 'map')
    return Object.hasOwn(MAP_METADATA, name)
      ? null
      : `“${source.key}” hands over ${Object.keys(MAP_METADATA).join(', ')}`
  if (source.kind === 'approve' && source.choose !== undefined)
    return Object.hasOwn(CHOICE_METADATA, name)
      ? null
      : `“${source.key}” hands over ${Object.keys(CHOICE_METADATA).join(', ')}`
  if (source.kind !== 'work' || source.metadata === undefined)
    return `“${source.key}” declares no metadata: give it a “metadata” with the property ${name}`
  const properties = source.metadata['properties'] as Record<string, unknown> | undefined
  if (properties === undefined || !Object.hasOwn(properties, name))
    return `the metadata of “${source.key}” has no property “${name}”`
  const required = source.metadata['required']
  const isSure = mayBeEmpty || (Array.isArray(required) && required.includes(name))
  return isSure
    ? null
    : `“${name}” may be missing from the metadata of “${source.key}”: list it under “required”`
}

/** The metadata that a merge step hands over: each name, with the verdict that it comes with. */
const MERGE_METADATA: Record<string, string> = {
  files: 'conflict',
  output: 'check_failed',
  into: 'merged',
  commit: 'merged',
}

/**
 * The metadata that an approve step with `choose` hands over, as above: the key of the chosen item, and the handoff of
 * its card.
 */
const CHOICE_METADATA: Record<string, string> = { item: 'approved', result: 'approved' }

/**
 * @returns whether each arrival at `step`, also after a way back, has a valid visit of `source` before it. A person's
 *   *go to* may still skip `source`.
 * @param via count only visits with this verdict; null for any
 */
function isAlwaysBefore(graph: Graph, source: string, step: string, via: string | null): boolean {
  if (source === step) return false
  const others = graph.ways.filter(
    ({ from, verdict }) => from !== source || (via !== null && verdict !== via),
  )
  const isPassed = (start: string) => !reached([start], others).has(step)
  if (!isPassed(graph.first)) return false
  // A way back to a step before `source` invalidates the visits of `source`, except the visit that took that way.
  const back = graph.ways.filter(({ from, max_rounds }) => max_rounds !== null && from !== source)
  return back.every(({ to }) => !graph.ahead(to).has(source) || isPassed(to))
}

/**
 * The metadata of merges and choices depends on the verdict.
 *
 * @returns the verdict that a value comes with; null when it comes with every verdict
 */
function verdictFor(
  source: WorkflowStep,
  { field, path }: Extract<Reference, { of: 'step' }>,
): string | null {
  if (field !== 'metadata') return null
  const name = path[0] ?? ''
  if (source.kind === 'approve') return CHOICE_METADATA[name] ?? null
  return source.kind === 'merge' ? (MERGE_METADATA[name] ?? null) : null
}

/** Finds inputs that nothing reads. The command of a check may read any input from its environment. */
export function unusedInputs(definition: WorkflowDefinition): Problem[] {
  if (definition.steps.some((step) => step.kind === 'check')) return []
  const mentioned = new Set(mentionsOf(definition).map(({ text }) => text))
  return Object.keys(definition.inputs).flatMap((name) =>
    mentioned.has(`inputs.${name}`)
      ? []
      : [{ path: ['inputs', name], message: `nothing uses the input “${name}”` }],
  )
}
