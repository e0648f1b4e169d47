import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { STEP_KIND_RULES } from '../../contract/workflow-kinds.ts'

/** One way from a step to the next: the verdict that takes it, and its limit. */
export interface Way {
  from: string
  verdict: string
  to: string
  /** How often a way that leads back may be taken; null for a way that leads forward. */
  max_rounds: number | null
}

/** A definition, indexed for the checks and for the engine. */
export interface Graph {
  first: string
  steps: ReadonlyMap<string, WorkflowStep>
  ways: readonly Way[]
  /** The step itself, and all that can be reached from it without going back. */
  ahead: (key: string) => ReadonlySet<string>
}

/** @returns the ways out of a step, in the order of the file */
export function waysOf(step: WorkflowStep): Way[] {
  if (step.kind === 'end') return []
  return Object.entries(step.on).map(([verdict, { to, max_rounds }]) => ({
    from: step.key,
    verdict,
    to,
    max_rounds,
  }))
}

/** The verdicts that a step may have, and those that its `on` must route. */
export function verdictsOf(step: WorkflowStep): { required: string[]; allowed: string[] } {
  const { optional, verdicts } = STEP_KIND_RULES[step.kind]
  let required = [...verdicts]
  if ((step.kind === 'work' || step.kind === 'check') && step.verdicts !== undefined)
    required = [...step.verdicts]
  if (step.kind === 'decide')
    required = [...new Set([...step.rules.map(({ verdict }) => verdict), step.otherwise])]
  if (step.kind === 'merge' && step.verify) required.push('check_failed')
  return { required, allowed: [...new Set([...required, ...optional])] }
}

/**
 * The verdicts that a report or a decision may give. `gave_up` is Runboard's own, and `blocked` is given by the
 * verb of that name.
 */
export function reportableVerdicts(step: WorkflowStep): string[] {
  const { required, allowed } = verdictsOf(step)
  if (step.kind === 'approve') return allowed.filter((verdict) => step.on[verdict] !== undefined)
  return required
}

const graphs = new WeakMap<WorkflowDefinition, Graph>()

/** @returns the graph of a definition; made once */
export function graphOf(definition: WorkflowDefinition): Graph {
  const known = graphs.get(definition)
  if (known !== undefined) return known
  const ways = definition.steps.flatMap(waysOf)
  const cones = new Map<string, ReadonlySet<string>>()
  const graph: Graph = {
    first: definition.steps[0]?.key ?? '',
    steps: new Map(definition.steps.map((step) => [step.key, step])),
    ways,
    ahead(key) {
      const found = cones.get(key) ?? reached([key], forward(ways))
      cones.set(key, found)
      return found
    },
  }
  graphs.set(definition, graph)
  return graph
}

/** The ways that lead forward. Every walk ends because they form no loop: checkDefinition refuses one. */
export function forward(ways: readonly Way[]): Way[] {
  return ways.filter(({ max_rounds }) => max_rounds === null)
}

/** @returns the steps that these ways lead to from `starts`, the starts included, never entering `without` */
export function reached(starts: readonly string[], ways: readonly Way[], without?: string): Set<string> {
  const next = new Map<string, string[]>()
  for (const { from, to } of ways) next.set(from, [...(next.get(from) ?? []), to])
  const seen = new Set(starts.filter((start) => start !== without))
  const open = [...seen]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    for (const to of next.get(key) ?? []) {
      if (to === without || seen.has(to)) continue
      seen.add(to)
      open.push(to)
    }
  }
  return seen
}

/** @returns the step that `session: resume STEP` names; null for `new`, and without the key */
export function resumedStep(session: string | undefined): string | null {
  return /^resume (\S+)$/.exec(session ?? '')?.[1] ?? null
}
