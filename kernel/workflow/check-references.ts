import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { textsOfMap } from './check-map.ts'
import { referencesIn } from './conditions.ts'
import { type Graph, graphOf, reached } from './graph.ts'
import { defaultsOf } from './check-answer.ts'
import { type Handed, handsOver } from './hands-over.ts'
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
          ...(step.edit === undefined ? [] : [{ text: step.edit, path: at('edit'), step }]),
          ...defaultsOf(step).flatMap(({ name, text }) =>
            piecesOf(text).flatMap((piece) =>
              'reference' in piece
                ? [{ text: piece.reference, path: [...at('form'), 'properties', name, 'default'], step }]
                : [],
            ),
          ),
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
    return step.kind === 'map' ? null : '“item” can be used only in “do”, “with” and “project” of a map step'
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
  const handed = handsOver(definition.steps, source)
  const unknown = fieldProblem(source, handed, reference, mayBeEmpty)
  if (unknown !== null || mayBeEmpty) return unknown
  const name = reference.field === 'metadata' ? reference.path[0] : undefined
  return isAlwaysBefore(graph, source.key, step.key, handed.get(name ?? '')?.verdict ?? null)
    ? null
    : `some way leads to “${step.key}” without a valid visit of “${source.key}”`
}

function fieldProblem(
  source: WorkflowStep,
  handed: ReadonlyMap<string, Handed>,
  { field, path }: Extract<Reference, { of: 'step' }>,
  mayBeEmpty: boolean,
): string | null {
  if (source.kind === 'end') return `“${source.key}” is an end and hands nothing over`
  if (field !== 'metadata') return null
  const name = path[0] ?? ''
  const found = handed.get(name)
  if (found === undefined) return unknownField(source, handed, name)
  if (mayBeEmpty || found.isSure) return null
  return source.kind === 'approve'
    ? `“${name}” may be missing from the form of “${source.key}”: list it under “required”, or give it a default`
    : `“${name}” may be missing from the metadata of “${source.key}”: list it under “required”`
}

function unknownField(source: WorkflowStep, handed: ReadonlyMap<string, Handed>, name: string): string {
  if (source.kind === 'work' && source.metadata !== undefined)
    return `the metadata of “${source.key}” has no property “${name}”`
  if (handed.size > 0) return `“${source.key}” hands over ${[...handed.keys()].join(', ')}`
  const where = source.kind === 'approve' ? 'form' : 'metadata'
  return `“${source.key}” declares no metadata: give it a “${where}” with the property ${name}`
}

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
