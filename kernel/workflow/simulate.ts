import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { EndState } from '../../contract/workflow-kinds.ts'
import {
  advance,
  type Move,
  NO_RESULT,
  type VisitResult,
  visitsAfter,
  type Walk,
  type WalkEvent,
} from './engine.ts'

/** What is known of a walk after moves. */
export interface Walked extends Walk {
  /** The step at which it is over. */
  end: { step: string; state: EndState } | null
  /** Why it waits for a person. */
  waits: Extract<Move, { move: 'wait' | 'refuse' }> | null
  /** The keys of the items of the map step that it is at. */
  items: string[]
}

/** A walk before its first step. */
export function newWalk(definition: WorkflowDefinition, inputs: Record<string, unknown>): Walked {
  return { definition, inputs, visits: [], end: null, waits: null, items: [] }
}

/**
 * Carries moves out on a walk in memory: what kernel/lifecycle/advance.ts does on the board.
 *
 * @param end the result of the visit that is left
 */
export function apply(walk: Walked, moves: readonly Move[], end: VisitResult = NO_RESULT): Walked {
  const over = moves.find((move) => move.move === 'end')
  return {
    ...walk,
    visits: visitsAfter(walk.visits, moves, end),
    end: over === undefined ? walk.end : { step: over.step, state: over.state },
    waits: moves.find((move) => move.move === 'wait' || move.move === 'refuse') ?? null,
    items: moves.flatMap((move) => (move.move === 'make' ? move.items.map(({ key }) => key) : [])),
  }
}

/** One step of a simulation: what the open visit is given. */
export type Given = { verdict: string } & Partial<VisitResult>

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
 */
export function simulate(
  definition: WorkflowDefinition,
  inputs: Record<string, unknown>,
  verdicts: readonly Given[],
): { walk: Walked; used: number } {
  let walk = begin(definition, inputs)
  let used = 0
  for (const given of verdicts) {
    if (walk.end !== null || walk.waits !== null) break
    walk = give(walk, given)
    used += 1
  }
  return { walk, used }
}
