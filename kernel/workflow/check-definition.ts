import { jsonSchemaChecker } from '../../contract/json-schema.ts'
import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { referencesIn } from './conditions.ts'
import { forward, type Graph, graphOf, reached, verdictsOf, type Way } from './graph.ts'
import { parseReference, piecesOf, type Reference } from './references.ts'

export type Path = (string | number)[]

/** A mistake in a definition, and where it is in the file. */
export interface Problem {
  path: Path
  message: string
}

/**
 * Finds the mistakes that the schema of the file cannot express: unknown names, missing ways, loops without a limit,
 * references that may be empty in some walk, and parts without effect.
 *
 * @param definition one that the schema accepts
 * @returns an empty list for a correct definition
 */
export function checkDefinition(definition: WorkflowDefinition): Problem[] {
  const problems = [...doubleKeys(definition), ...ways(definition)]
  // The other checks need a graph with unique keys, in which every way leads to a step.
  if (problems.length > 0) return problems
  return [
    ...loops(definition),
    ...reach(definition),
    ...rolesAndProfiles(definition),
    ...metadataSchemas(definition),
    ...inputValues(definition),
    ...commands(definition),
    ...references(definition),
    ...decisionsBack(definition),
    ...unused(definition),
  ]
}

function doubleKeys({ steps }: WorkflowDefinition): Problem[] {
  return steps.flatMap((step, index) =>
    steps.findIndex(({ key }) => key === step.key) < index
      ? [{ path: ['steps', index, 'key'], message: `there is another step “${step.key}”` }]
      : [],
  )
}

/** Each verdict that a step must route needs a way; each way needs an allowed verdict, and a step that exists. */
function ways({ steps }: WorkflowDefinition): Problem[] {
  const keys = new Set(steps.map(({ key }) => key))
  return steps.flatMap((step, index) => {
    if (step.kind === 'end') return []
    const { required, allowed } = verdictsOf(step)
    const at = ['steps', index, 'on']
    const missing = required.filter((verdict) => !Object.hasOwn(step.on, verdict))
    return [
      ...missing.map((verdict) => ({ path: at, message: `no step follows the verdict “${verdict}”` })),
      ...Object.entries(step.on).flatMap(([verdict, { to }]) => [
        ...(allowed.includes(verdict)
          ? []
          : [
              {
                path: [...at, verdict],
                message: `“${step.key}” has no verdict “${verdict}”; it has ${allowed.join(', ')}`,
              },
            ]),
        ...(keys.has(to) ? [] : [{ path: [...at, verdict], message: `there is no step “${to}”` }]),
      ]),
    ]
  })
}

function pathOfWay({ steps }: WorkflowDefinition, { from, verdict }: Way): Path {
  return ['steps', steps.findIndex(({ key }) => key === from), 'on', verdict]
}

/** Every loop needs a limit of rounds, and every limit needs a loop. */
function loops(definition: WorkflowDefinition): Problem[] {
  const graph = graphOf(definition)
  const onward = forward(graph.ways)
  return graph.ways.flatMap((way) => {
    const path = pathOfWay(definition, way)
    if (way.max_rounds === null) {
      const isLoop = reached([way.to], onward).has(way.from)
      return isLoop
        ? [
            {
              path,
              message: `this leads back to “${way.from}” without a limit: write { to: ${way.to}, max_rounds: N }`,
            },
          ]
        : []
    }
    return reached([way.to], graph.ways).has(way.from)
      ? []
      : [{ path, message: `max_rounds has no effect: “${way.to}” never leads back to “${way.from}”` }]
  })
}

/** A loop that is used up waits at the step that asked for another round, and nobody is at a decision. */
function decisionsBack(definition: WorkflowDefinition): Problem[] {
  const { steps, ways: all } = graphOf(definition)
  return all
    .filter(({ from, max_rounds }) => max_rounds !== null && steps.get(from)?.kind === 'decide')
    .map((way) => ({
      path: pathOfWay(definition, way),
      message: 'a decision cannot lead back: let a worker, a check or a person give the verdict',
    }))
}

/** The first step must lead to every step, and every step to an end. */
function reach(definition: WorkflowDefinition): Problem[] {
  const graph = graphOf(definition)
  const fromFirst = reached([graph.first], graph.ways)
  return definition.steps.flatMap((step, index) => {
    const path = ['steps', index, 'key']
    if (!fromFirst.has(step.key)) return [{ path, message: `no way leads to “${step.key}”` }]
    const leadsToEnd = [...reached([step.key], graph.ways)].some(
      (key) => graph.steps.get(key)?.kind === 'end',
    )
    return leadsToEnd ? [] : [{ path, message: `no way leads from “${step.key}” to an end` }]
  })
}

/** Work steps name either a role or a profile. The roles that they name must be declared, and declared roles used. */
function rolesAndProfiles({ roles, steps }: WorkflowDefinition): Problem[] {
  const names = new Set(Object.keys(roles))
  const used = new Set(
    steps.flatMap((step) => (step.kind === 'work' && step.role !== undefined ? [step.role] : [])),
  )
  return [
    ...Object.entries(roles).flatMap(([name, { not_same_as: other }]) => [
      ...(other === undefined || (names.has(other) && other !== name)
        ? []
        : [{ path: ['roles', name, 'not_same_as'], message: `there is no other role “${other}”` }]),
      ...(used.has(name)
        ? []
        : [{ path: ['roles', name], message: `no step is done by the role “${name}”` }]),
    ]),
    ...steps.flatMap((step, index) => {
      if (step.kind !== 'work') return []
      const path = ['steps', index]
      if ((step.role === undefined) === (step.profile === undefined))
        return [{ path, message: 'a work step names either a role or a profile' }]
      return step.role === undefined || names.has(step.role)
        ? []
        : [{ path: [...path, 'role'], message: `there is no role “${step.role}”` }]
    }),
  ]
}

function metadataSchemas({ steps }: WorkflowDefinition): Problem[] {
  return steps.flatMap((step, index) => {
    if (step.kind !== 'work' || step.metadata === undefined) return []
    const path = ['steps', index, 'metadata']
    if (step.metadata['type'] !== 'object') return [{ path, message: 'metadata must have “type: object”' }]
    try {
      jsonSchemaChecker(step.metadata)
      return []
    } catch (error) {
      return [
        { path, message: `no usable JSON Schema: ${error instanceof Error ? error.message : String(error)}` },
      ]
    }
  })
}

/** How to check a value, by type of input. The types that are not listed here take text. */
const INPUT_VALUES: Record<string, { is: (value: unknown) => boolean; words: string }> = {
  int: { is: (value) => Number.isInteger(value), words: 'a whole number' },
  bool: { is: (value) => typeof value === 'boolean', words: 'true or false' },
  list: {
    is: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    words: 'a list of texts',
  },
}
const TEXT_VALUE = { is: (value: unknown) => typeof value === 'string', words: 'a text' }

/** @returns what is wrong with a value for an input; null when it fits */
export function inputProblem(input: WorkflowDefinition['inputs'][string], value: unknown): string | null {
  const { is, words } = INPUT_VALUES[input.type] ?? TEXT_VALUE
  if (!is(value)) return `expected ${words}`
  if (input.type !== 'choice' || input.choices?.includes(value as string) === true) return null
  return `expected one of ${(input.choices ?? []).join(', ')}`
}

function inputValues({ inputs }: WorkflowDefinition): Problem[] {
  return Object.entries(inputs).flatMap(([name, input]) => {
    const path = ['inputs', name]
    if ((input.type === 'choice') !== (input.choices !== undefined))
      return [{ path, message: 'choices belong to an input of the type choice, and only to that' }]
    if (input.default === undefined) return []
    const problem = inputProblem(input, input.default)
    const both = input.required ? 'required has no effect beside a default' : null
    return [problem, both].flatMap((message) =>
      message === null ? [] : [{ path: [...path, 'default'], message }],
    )
  })
}

function commands({ steps }: WorkflowDefinition): Problem[] {
  return steps.flatMap((step, index) =>
    step.kind === 'check' && (step.run === undefined) === (step.use === undefined)
      ? [{ path: ['steps', index], message: 'a check has either “run” or “use: verify_command”' }]
      : [],
  )
}

/** A reference as it is written, and the step that contains it. */
interface Mention {
  text: string
  path: Path
  step: WorkflowStep
}

/** @returns every reference in a definition */
export function mentionsOf({ steps }: WorkflowDefinition): Mention[] {
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
        ]
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
function references(definition: WorkflowDefinition): Problem[] {
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
  if (source.kind !== 'work' || source.metadata === undefined)
    return `“${source.key}” states no metadata: give it a “metadata” with the property ${name}`
  const properties = source.metadata['properties'] as Record<string, unknown> | undefined
  if (properties === undefined || !Object.hasOwn(properties, name))
    return `the metadata of “${source.key}” has no property “${name}”`
  const required = source.metadata['required']
  const isSure = mayBeEmpty || (Array.isArray(required) && required.includes(name))
  return isSure
    ? null
    : `“${name}” may be missing from the metadata of “${source.key}”: list it under “required”`
}

/** What a merge step hands over, and the verdict that it comes with. */
const MERGE_METADATA: Record<string, string> = {
  files: 'conflict',
  output: 'check_failed',
  into: 'merged',
  commit: 'merged',
}

/**
 * @returns whether each arrival at `step`, also after a way back, has a valid visit of `source` before it. A person's
 *   *go to* may still skip `source`.
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

/** The verdict that a value comes with: only a merge hands over other things by verdict. */
function verdictFor(
  source: WorkflowStep,
  { field, path }: Extract<Reference, { of: 'step' }>,
): string | null {
  if (source.kind !== 'merge' || field !== 'metadata') return null
  return MERGE_METADATA[path[0] ?? ''] ?? null
}

/** Finds inputs that nothing reads. The command of a check may read any input from its environment. */
function unused(definition: WorkflowDefinition): Problem[] {
  if (definition.steps.some((step) => step.kind === 'check')) return []
  const mentioned = new Set(mentionsOf(definition).map(({ text }) => text))
  return Object.keys(definition.inputs).flatMap((name) =>
    mentioned.has(`inputs.${name}`)
      ? []
      : [{ path: ['inputs', name], message: `nothing uses the input “${name}”` }],
  )
}
