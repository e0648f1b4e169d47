import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import { answers } from './check-answer.ts'
import { maps, rolesIn, schemaProblem, workflowsIn } from './check-map.ts'
import { idleReferences } from './check-places.ts'
import { references, unusedInputs } from './check-references.ts'
import { forward, graphOf, reached, resumedStep, verdictsOf, type Way, waysOf } from './graph.ts'
import { inputProblem } from './input-problem.ts'
import type { Path, Problem } from './problem.ts'

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
    ...sessions(definition),
    ...metadataSchemas(definition),
    ...inputValues(definition),
    ...commands(definition),
    ...freshSteps(definition),
    ...maps(definition),
    ...answers(definition),
    ...references(definition),
    ...decisionsBack(definition),
    ...idleReferences(definition),
    ...unusedInputs(definition),
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

/** When its rounds are used up, a card waits at the step that asked for another. A card cannot wait at a decision. */
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
function rolesAndProfiles(definition: WorkflowDefinition): Problem[] {
  const { roles, steps } = definition
  const names = new Set(Object.keys(roles))
  const used = new Set(steps.flatMap(rolesIn))
  // The workflows of items may use the role. The start of the workflow refuses a role that no workflow uses.
  const mayBeForItems = workflowsIn(definition).length > 0
  return [
    ...Object.entries(roles).flatMap(([name, { not_same_as: other }]) => [
      ...(other === undefined || (names.has(other) && other !== name)
        ? []
        : [{ path: ['roles', name, 'not_same_as'], message: `there is no other role “${other}”` }]),
      ...(used.has(name) || mayBeForItems
        ? []
        : [{ path: ['roles', name], message: `no step uses the role “${name}”` }]),
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

/** `session: resume STEP` needs a work step of the same role or profile, from which a way leads to this step. */
function sessions(definition: WorkflowDefinition): Problem[] {
  const graph = graphOf(definition)
  return definition.steps.flatMap((step, index) => {
    const from = step.kind === 'work' ? resumedStep(step.session) : null
    if (step.kind !== 'work' || from === null) return []
    const path = ['steps', index, 'session']
    const earlier = graph.steps.get(from)
    if (earlier === undefined) return [{ path, message: `there is no step “${from}”` }]
    if (earlier.kind !== 'work') return [{ path, message: `“${from}” is not a work step: it has no session` }]
    const starts = waysOf(earlier).map(({ to }) => to)
    if (!reached(starts, graph.ways).has(step.key))
      return [
        { path, message: `no way leads from “${from}” to “${step.key}”, so there is nothing to resume` },
      ]
    const isSame = earlier.role === step.role && earlier.profile === step.profile
    return isSame
      ? []
      : [{ path, message: `“${from}” is done by another role: its session is not for this step` }]
  })
}

function metadataSchemas({ steps }: WorkflowDefinition): Problem[] {
  return steps.flatMap((step, index) =>
    step.kind === 'work' && step.metadata !== undefined
      ? schemaProblem(step.metadata, ['steps', index, 'metadata'])
      : [],
  )
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

function commands(definition: WorkflowDefinition): Problem[] {
  return definition.steps.flatMap((step, index) => {
    if (step.kind !== 'check') return []
    const once = step.once === undefined ? null : onceProblem(definition, step)
    return [
      ...((step.run === undefined) === (step.use === undefined)
        ? [{ path: ['steps', index], message: 'a check has either “run” or “use: verify_command”' }]
        : []),
      ...(once === null ? [] : [{ path: ['steps', index, 'once'], message: once }]),
    ]
  })
}

/** @returns why `once` of a check cannot be carried out; null when it can */
function onceProblem(definition: WorkflowDefinition, { key, on, verdicts }: StepOf<'check'>): string | null {
  if (verdicts !== undefined && !verdicts.includes('passed'))
    return `once needs the verdict “passed”, which “${key}” does not have`
  // A check that is not run ends at once, so its card cannot wait there for one more round.
  if (on['passed']?.max_rounds != null)
    return 'a check that is not run again cannot lead back: “passed” has max_rounds'
  const { ways } = graphOf(definition)
  const after = ways.filter(({ from }) => from === key).map(({ to }) => to)
  return reached(after, ways).has(key) ? null : `once has no effect: no way leads to “${key}” again`
}

/** `fresh` makes a worktree, so there must be a repository. */
function freshSteps({ steps, workspace }: WorkflowDefinition): Problem[] {
  if (workspace !== 'scratch' && workspace !== 'dir') return []
  return steps.flatMap((step, index) =>
    step.kind === 'work' && step.workspace === 'fresh'
      ? [
          {
            path: ['steps', index, 'workspace'],
            message: `a fresh worktree needs “workspace: worktree” at the top of the file; it says ${workspace}`,
          },
        ]
      : [],
  )
}
