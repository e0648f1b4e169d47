import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import { problemText } from '../../contract/json-schema.ts'
import type { EndState, ItemState } from '../../contract/workflow-kinds.ts'
import {
  advance,
  type Move,
  NO_RESULT,
  type VisitResult,
  valuesOf,
  visitsAfter,
  type Walk,
  type WalkEvent,
} from './engine.ts'
import { graphOf } from './graph.ts'
import { sampleOf } from './sample-metadata.ts'
import { formAt, handoffOfAnswer, listAt } from './answer.ts'
import { handoffOfItems, itemsToChoose, verdictOfItems } from './items.ts'

/** A walk in memory, with its state after the last moves. */
export interface Walked extends Walk {
  /** The end that it reached; null while it continues. */
  end: { step: string; state: EndState } | null
  /** Why it waits for a person; null while it does not. */
  waits: Extract<Move, { move: 'wait' | 'refuse' }> | null
  /** The keys of the items of the map step that it is at. */
  items: string[]
  /** The project folder of each of these items; null for that of the board. */
  projects: (string | null)[]
}

/** A walk before its first step. */
export function newWalk(definition: WorkflowDefinition, inputs: Record<string, unknown>): Walked {
  return { definition, inputs, visits: [], end: null, waits: null, items: [], projects: [] }
}

/**
 * Applies moves to a walk in memory, as kernel/lifecycle/advance.ts applies them to the board.
 *
 * @param end the result of the visit that is left
 */
export function apply(walk: Walked, moves: readonly Move[], end: VisitResult = NO_RESULT): Walked {
  const over = moves.find((move) => move.move === 'end')
  const made = moves.flatMap((move) => (move.move === 'make' ? move.items : []))
  return {
    ...walk,
    visits: visitsAfter(walk.visits, moves, end),
    end: over === undefined ? walk.end : { step: over.step, state: over.state },
    waits: moves.find((move) => move.move === 'wait' || move.move === 'refuse') ?? null,
    items: made.map(({ key }) => key),
    projects: made.map(({ project }) => project),
  }
}

/** One step of a simulation: the verdict and the result for the open visit. */
export type Given = { verdict: string } & Partial<VisitResult> & {
    /** Only a verdict is known: summary and metadata are made up, so that later steps have something to read. */
    made_up?: true
    /** What a person gives at an approve step, in place of the metadata that comes of it. */
    form?: Record<string, unknown> | undefined
    edit?: unknown[] | undefined
  }

/** One step of a simulation at a map step: how its items end. Items that are not named succeed. */
export interface GivenItems {
  items: Record<string, Exclude<ItemState, 'open'>>
}

/**
 * @returns the verdict that the items of a map step add up to
 * @throws Error at any other step, and for an item that is not there
 */
function verdictGiven({ definition, items: keys, visits }: Walked, { items }: GivenItems): Given {
  const step = graphOf(definition).steps.get(visits.at(-1)?.step ?? '')
  if (step?.kind !== 'map') throw new Error(`the step ${step?.key ?? ''} has no items`)
  const unknown = Object.keys(items).find((key) => !keys.includes(key))
  if (unknown !== undefined)
    throw new Error(`the step ${step.key} has no item “${unknown}”; it has ${keys.join(', ')}`)
  const ends = keys.map((key) => ({
    ...{ key, task_id: null, summary: null, metadata: null },
    state: items[key] ?? ('succeeded' as const),
  }))
  const verdict = verdictOfItems(
    step,
    ends.map(({ state }) => state),
  )
  return { verdict: verdict ?? '', metadata: handoffOfItems(ends) }
}

/** @param nth makes the summary unique, so that a second round does not look like one without progress */
function madeUp(walk: Walked, verdict: string, nth: number): Given {
  const step = graphOf(walk.definition).steps.get(walk.visits.at(-1)?.step ?? '')
  if (step?.kind === 'map') return { ...verdictGiven(walk, { items: {} }), verdict }
  if (step?.kind === 'approve') return { verdict, metadata: sampleAnswer(walk, step, verdict) }
  if (step?.kind !== 'work') return { verdict }
  const letters = [...String(nth)].map((digit) => 'abcdefghij'[Number(digit)]).join('')
  const metadata = step.metadata === undefined ? null : (sampleOf(step.metadata) as Record<string, unknown>)
  return { verdict, summary: `Example ${letters}`, metadata }
}

/** @returns what an approval hands over when nobody changes the list, or fills in more than must be */
function sampleAnswer(
  { definition, inputs, visits }: Walked,
  step: StepOf<'approve'>,
  verdict: string,
): Record<string, unknown> | null {
  if (verdict !== 'approved') return null
  const values = valuesOf({ inputs, visits })
  const form = formAt(step, values)
  const list = listAt(definition, step, values)
  const [item] = step.choose === undefined ? [] : itemsToChoose(values, step.choose)
  const metadata = {
    ...(item === undefined ? {} : { item: item.key, result: item.summary ?? '' }),
    ...(form === null ? {} : { ...(sampleOf(form.schema) as Record<string, unknown>), ...form.values }),
    ...(list === null ? {} : { [list.name]: list.list }),
  }
  return Object.keys(metadata).length === 0 ? null : metadata
}

/**
 * @returns what is given, with what a person's form and list hand over
 * @throws Error when they do not fit the step
 */
function answered(walk: Walked, { edit, form, ...given }: Given): Given {
  const { definition, inputs, visits } = walk
  const step = graphOf(definition).steps.get(visits.at(-1)?.step ?? '')
  if (edit === undefined && form === undefined) return given
  if (step?.kind !== 'approve')
    throw new Error(`the step ${step?.key ?? ''} asks nobody, so it takes no form and no list`)
  const answer = { form: form ?? null, edit: edit ?? null, metadata: given.metadata ?? null }
  const handoff = handoffOfAnswer(definition, step, given.verdict, valuesOf({ inputs, visits }), answer)
  if ('metadata' in handoff) return { ...given, metadata: handoff.metadata }
  throw new Error(
    `the answer does not fit the step ${step.key}: ${handoff.problems.map(problemText).join('; ')}`,
  )
}

/** Gives the open visit a verdict. */
export function give(walk: Walked, given: Given): Walked {
  const end = { ...NO_RESULT, ...given }
  const event: WalkEvent = { event: 'verdict', ...end }
  return apply(walk, advance(walk, event), end)
}

/** Starts a walk in memory. */
export function begin(definition: WorkflowDefinition, inputs: Record<string, unknown>): Walked {
  const walk = newWalk(definition, inputs)
  return apply(walk, advance(walk, { event: 'started' }))
}

/**
 * Walks a definition with the verdicts given one after the other, without running anything.
 *
 * @returns the walk when the verdicts are used up, or it is over or waits
 * @throws Error for a verdict or an item that the step does not have
 */
export function simulate(
  definition: WorkflowDefinition,
  inputs: Record<string, unknown>,
  verdicts: readonly (Given | GivenItems)[],
): { walk: Walked; used: number } {
  let walk = begin(definition, inputs)
  let used = 0
  for (const given of verdicts) {
    if (walk.end !== null || walk.waits !== null) break
    walk = give(
      walk,
      'items' in given
        ? verdictGiven(walk, given)
        : given.made_up
          ? madeUp(walk, given.verdict, used)
          : answered(walk, given),
    )
    used += 1
  }
  return { walk, used }
}
