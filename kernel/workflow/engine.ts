import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { type EndState, STEP_KIND_RULES } from '../../contract/workflow-kinds.ts'
import { decide } from './conditions.ts'
import { graphOf, type Way, waysOf } from './graph.ts'
import { handoffOfItems, type Item, itemsOf, verdictOfNone } from './items.ts'
import type { StepValues, Values } from './references.ts'

/**
 * The engine of workflows: pure functions from (definition, visits, event) to moves. It does no I/O.
 * kernel/lifecycle/advance.ts applies the moves to the board, in the transaction of the event; simulate.ts applies them
 * to a walk in memory.
 */

/** One entry of the card into a step. */
export interface Visit extends StepValues {
  step: string
  /** The number of this visit among those of the same step, from 1. */
  visit: number
  /** The step before this one, and its verdict. Both are null at the start, and after a person's *go to*. */
  from: string | null
  via: string | null
  /** Whether its result still counts: going back to this step, or to one before it, makes it false. */
  valid: boolean
  /** The commit of the workspace when the visit began and ended; null without git. */
  head_in: string | null
  head_out: string | null
  /** It passed, but no run of the command of its check as it is now has said so: a person skipped it, or it ran another. */
  is_unchecked?: boolean
}

/** A walk of one card through one version. An open visit has no verdict yet; only the last visit can be open. */
export interface Walk {
  definition: WorkflowDefinition
  inputs: Record<string, unknown>
  visits: readonly Visit[]
}

export type WalkEvent =
  | { event: 'started' }
  /** The open visit has a verdict. `by_person`: a person gave it in place of the step's worker. */
  | ({
      event: 'verdict'
      verdict: string
      by_person?: boolean
      /** The handoff of a step that gives its verdict at once: a map without items, a check that is not run. */
      own?: Partial<StepValues>
    } & VisitResult)
  /** A person takes the way that `wait` stopped. `verdict` and the result are those that the visit kept. */
  | ({ event: 'one_more_round'; verdict: string } & VisitResult)
  /** A person sends the card to another step. */
  | { event: 'go_to'; step: string }
  /** The open visit is at a map step without items: its list is read again. */
  | { event: 'read_again' }

export type Move =
  /** `own`: the handoff of a step that has no visit result of its own, such as a map step without items. */
  | { move: 'leave'; verdict: string; own?: Partial<StepValues> }
  /** The ended visits of these steps no longer count. */
  | { move: 'invalidate'; steps: string[] }
  | { move: 'enter'; step: string; visit: number; from: string | null; via: string | null }
  /** The card stays at its step until a person acts. `verdict` and `to` say which way was not taken. */
  | { move: 'wait'; why: 'rounds_used_up' | 'no_progress'; verdict: string; to: string; sentence: string }
  | { move: 'end'; step: string; state: EndState }
  /** The entered map step makes a card for each item. */
  | { move: 'make'; items: Item[] }
  /** The items of the entered map step cannot be made: the card waits there for a person. */
  | { move: 'refuse'; why: 'no_items'; sentence: string }

/**
 * Decides what an event does to a walk.
 *
 * @returns the moves, to be carried out in this order
 * @throws Error for a verdict or a step that the definition does not have: callers must check both first
 */
export function advance(walk: Walk, event: WalkEvent): Move[] {
  if (event.event === 'started') return enter(walk, { to: graphOf(walk.definition).first })
  if (event.event === 'go_to') {
    const left: Move[] = [{ move: 'leave', verdict: LEFT }]
    const lost = invalidated({ ...walk, visits: visitsAfter(walk.visits, left) }, event.step)
    return [...left, ...lost, ...enter(walk, { to: event.step })]
  }
  const visit = openVisit(walk)
  if (event.event === 'read_again') return readItems(walk, stepOf(walk, visit.step))
  const way = wayOf(stepOf(walk, visit.step), event.verdict)
  const stop = event.event === 'verdict' ? stopOf(walk, way, event) : null
  if (stop !== null) return [stop]
  // Invalidated while the current visit is still open, so that it stays valid: the next worker has to read its result.
  const lost = way.max_rounds === null ? [] : invalidated(walk, way.to)
  const own = event.event === 'verdict' ? event.own : undefined
  const ended: Move[] = [
    ...lost,
    { move: 'leave', verdict: event.verdict, ...(own === undefined ? {} : { own }) },
  ]
  return [...ended, ...enter({ ...walk, visits: visitsAfter(walk.visits, ended, event) }, way, event.head)]
}

/** The verdict of a visit that a person ended with *go to*. Such a visit never counts. */
export const LEFT = 'left'

/**
 * @returns the open visit
 * @throws Error for a walk that is over, or has not started
 */
export function openVisit(walk: Walk): Visit {
  const visit = walk.visits.at(-1)
  if (visit?.verdict !== null) throw new Error('the walk has no open visit')
  return visit
}

/** The values for references such as `steps.plan.summary`: of each step, its latest ended visit that is valid. */
export function valuesOf(walk: Pick<Walk, 'inputs' | 'visits'>): Values {
  return {
    inputs: walk.inputs,
    step: (key) =>
      walk.visits[
        lastIndex(walk.visits, ({ step, valid, verdict }) => step === key && valid && verdict !== null)
      ],
  }
}

/** @returns how often the walk has taken a way; visits that are no longer valid count too */
export function roundsOf(visits: readonly Pick<Visit, 'step' | 'from' | 'via'>[], way: Way): number {
  return visits.filter(({ step, from, via }) => step === way.to && from === way.from && via === way.verdict)
    .length
}

function stepOf({ definition }: Walk, key: string): WorkflowStep {
  const step = graphOf(definition).steps.get(key)
  if (step === undefined) throw new Error(`the workflow ${definition.name} has no step ${key}`)
  return step
}

function wayOf(step: WorkflowStep, verdict: string): Way {
  const way = waysOf(step).find((candidate) => candidate.verdict === verdict)
  if (way === undefined) throw new Error(`the step ${step.key} has no way for the verdict ${verdict}`)
  return way
}

/** The handoff of a visit that ends, and the commit of the workspace at that time. */
export type VisitResult = { head: string | null } & Omit<StepValues, 'verdict'>

export const NO_RESULT: VisitResult = { head: null, summary: null, metadata: null }

/**
 * Applies moves to visits. Only `leave`, `invalidate` and `enter` change them.
 *
 * @param end the result of the visit that is open now; steps that the walk then passes through have no result
 */
export function visitsAfter(
  visits: readonly Visit[],
  moves: readonly Move[],
  end: VisitResult = NO_RESULT,
): readonly Visit[] {
  let result = end
  return moves.reduce<readonly Visit[]>((before, move) => {
    switch (move.move) {
      case 'leave': {
        const last = before.at(-1)
        if (last === undefined) throw new Error('there is no visit to leave')
        const { head, summary, metadata } = result
        result = NO_RESULT
        const left = { summary, metadata, ...move.own, verdict: move.verdict, head_out: head }
        return [...before.slice(0, -1), { ...last, ...left }]
      }
      case 'invalidate':
        return before.map((visit) =>
          move.steps.includes(visit.step) && visit.verdict !== null ? { ...visit, valid: false } : visit,
        )
      case 'enter': {
        const { step, visit, from, via } = move
        const entered = { step, visit, from, via, valid: true, head_in: end.head, head_out: null }
        return [...before, { ...entered, verdict: null, summary: null, metadata: null }]
      }
      default:
        return before
    }
  }, visits)
}

/**
 * Going back to a step invalidates the results of that step and of every step ahead of it: each must be done again.
 * Visits that a person ended with *go to* become invalid as well.
 *
 * @returns one move, or none when there is nothing to invalidate
 */
function invalidated(walk: Walk, to: string): Move[] {
  const ahead = graphOf(walk.definition).ahead(to)
  const isLost = ({ step, valid, verdict }: Visit) =>
    valid && verdict !== null && (ahead.has(step) || verdict === LEFT)
  const steps = [...new Set(walk.visits.filter(isLost).map(({ step }) => step))]
  return steps.length === 0 ? [] : [{ move: 'invalidate', steps }]
}

/**
 * @param at index of a visit
 * @param copied how many of the first visits are results of an earlier walk
 * @returns the indexes of the ended visits whose results counted when that visit began, oldest first
 */
export function countedBefore(
  definition: WorkflowDefinition,
  visits: readonly Visit[],
  at: number,
  copied: number,
): number[] {
  const graph = graphOf(definition)
  let counted: number[] = []
  for (const [index, { from, step, via }] of visits.slice(0, at + 1).entries()) {
    const way = graph.ways.find((one) => one.from === from && one.verdict === via)
    const isBack = from === null || way?.max_rounds != null
    const ahead = isBack && index > copied ? graph.ahead(step) : new Set<string>()
    counted = counted.filter((n) => {
      const { step: key, verdict } = visits[n] as Visit
      // The visit that sent the card back counts: the next worker reads its result.
      return (from !== null && n === index - 1) || !(ahead.has(key) || (isBack && verdict === LEFT))
    })
    if (index < at) counted.push(index)
  }
  return counted
}

/**
 * Enters a step. A `decide` step gives its verdict at once, and so do a `map` step without items and a check that is not
 * run again: the walk moves through it to the next step.
 */
function enter(
  walk: Walk,
  { to, from, verdict }: { to: string; from?: string; verdict?: string },
  head: string | null = null,
): Move[] {
  const step = stepOf(walk, to)
  if (step.kind === 'end') return [{ move: 'end', step: to, state: step.state }]
  const visit = walk.visits.filter((one) => one.step === to).length + 1
  const move: EnterMove = { move: 'enter', step: to, visit, from: from ?? null, via: verdict ?? null }
  return [move, ...afterEntering(walk, move, head)]
}

export type EnterMove = Extract<Move, { move: 'enter' }>

/**
 * The verdict that entering a step gives at once.
 *
 * @param walk before the move
 * @param head the commit that stands for the work
 * @returns nothing for a step that waits for a worker or a person
 */
export function afterEntering(walk: Walk, move: EnterMove, head: string | null): Move[] {
  const step = stepOf(walk, move.step)
  const entered = { ...walk, visits: visitsAfter(walk.visits, [move], { ...NO_RESULT, head }) }
  const result = { ...NO_RESULT, head }
  switch (step.kind) {
    case 'map':
      return readItems(entered, step, head)
    case 'decide':
      return advance(entered, { event: 'verdict', verdict: decide(step, valuesOf(entered)), ...result })
    case 'check': {
      const passed = step.once === true ? passedFor(walk, step.key, head) : undefined
      if (passed === undefined) return []
      const summary = `Not run again: it passed for this work at visit ${passed.visit}.`
      return advance(entered, { event: 'verdict', verdict: 'passed', own: { summary }, ...result })
    }
    default:
      return []
  }
}

/** @returns the visit of a check whose command passed for the same work, and did not change it */
function passedFor({ visits }: Walk, key: string, head: string | null): Visit | undefined {
  if (head === null) return undefined
  return visits.find(
    ({ head_in, head_out, is_unchecked, step, verdict }) =>
      step === key &&
      verdict === 'passed' &&
      is_unchecked !== true &&
      head_in === head &&
      (head_out === null || head_out === head),
  )
}

/** Reads the list of the map step that the walk is at. */
function readItems(walk: Walk, step: WorkflowStep, head: string | null = null): Move[] {
  if (step.kind !== 'map') throw new Error(`the step ${step.key} has no items`)
  const read = itemsOf(step, valuesOf(walk))
  if ('problem' in read) return [{ move: 'refuse', why: 'no_items', sentence: read.problem }]
  if (read.items.length > 0) return [{ move: 'make', items: read.items }]
  const verdict = verdictOfNone(step)
  const own = { metadata: handoffOfItems([]) }
  return advance(walk, { event: 'verdict', verdict, own, ...NO_RESULT, head })
}

/**
 * Stops a way back when its rounds are used up, or when its last round changed nothing. A person's verdict is stopped
 * only by the number of rounds.
 *
 * @returns null when the way may be taken
 */
function stopOf(walk: Walk, way: Way, event: VisitResult & { by_person?: boolean }): Move | null {
  if (way.max_rounds === null) return null
  const used = roundsOf(walk.visits, way)
  const wait = (why: 'rounds_used_up' | 'no_progress', sentence: string): Move => ({
    move: 'wait',
    why,
    verdict: way.verdict,
    to: way.to,
    sentence,
  })
  if (used >= way.max_rounds) {
    const times = way.max_rounds === 1 ? 'the one round' : `all ${way.max_rounds} rounds`
    return wait(
      'rounds_used_up',
      `“${way.from}” says ${way.verdict} again, and ${times} back to “${way.to}” are used.`,
    )
  }
  const isPersons = event.by_person === true || STEP_KIND_RULES[stepOf(walk, way.from).kind].by_person
  if (used === 0 || isPersons) return null
  const last = lastTaken(walk, way)
  if (last === null) return null
  const isOfItems = stepOf(walk, way.from).kind === 'map'
  const correction = correctionOf(event, isOfItems)
  if (correction !== null && correction === correctionOf(last.ended, isOfItems))
    return wait('no_progress', `“${way.from}” asks for the same as in the round before.`)
  // The work of items is not on the branch of their carrier.
  if (!isOfItems && event.head !== null && event.head === last.ended.head_out && hasWritten(walk, last.at))
    return wait('no_progress', `The last round back to “${way.to}” has changed nothing: no new commit.`)
  return null
}

/** @returns the visit that last took the way, and the index of the visit that it led to, which began the round */
function lastTaken({ visits }: Walk, way: Way): { ended: Visit; at: number } | null {
  const at = lastIndex(
    visits,
    ({ step, from, via }) => step === way.to && from === way.from && via === way.verdict,
  )
  const before = visits.slice(0, Math.max(0, at))
  const ended = before[lastIndex(before, ({ step, verdict }) => step === way.from && verdict === way.verdict)]
  return at === -1 || ended === undefined ? null : { ended, at }
}

function lastIndex<T>(items: readonly T[], is: (item: T) => boolean): number {
  let at = items.length - 1
  while (at >= 0 && !is(items[at] as T)) at -= 1
  return at
}

/**
 * @param since index of the first visit to look at
 * @returns whether a step that may change files has been entered since then
 */
function hasWritten(walk: Walk, since: number): boolean {
  return walk.visits.slice(since).some((visit) => {
    const step = stepOf(walk, visit.step)
    return step.kind === 'work' && step.workspace === 'own'
  })
}

/**
 * The correction that a verdict asks for, in a form to compare: without case, white space and digits.
 *
 * @param isOfItems leave out the ids of cards: each round of a map step makes new ones
 * @returns null when the verdict came without summary and metadata
 */
function correctionOf(
  { summary, metadata }: Pick<StepValues, 'summary' | 'metadata'>,
  isOfItems: boolean,
): string | null {
  const withoutCards = (key: string, value: unknown) => (isOfItems && key === 'task_id' ? undefined : value)
  const text = `${summary ?? ''}${metadata === null ? '' : JSON.stringify(metadata, withoutCards)}`
  return text === '' ? null : text.toLowerCase().replace(/[\s\d]+/g, '')
}
