import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { EndState } from '../../contract/workflow-kinds.ts'
import { advance, type Move, type Visit, type Walk, type WalkEvent } from './engine.ts'
import type { StepValues } from './references.ts'

/** What is known of a walk after moves. */
export interface Walked extends Walk {
  /** The step at which it is over. */
  end: { step: string; state: EndState } | null
  /** Why it waits for a person. */
  waits: Extract<Move, { move: 'wait' }> | null
}

/** A walk before its first step. */
export function newWalk(definition: WorkflowDefinition, inputs: Record<string, unknown>): Walked {
  return { definition, inputs, visits: [], end: null, waits: null }
}

/**
 * Carries moves out on a walk in memory: what kernel/lifecycle/advance.ts does on the board.
 *
 * @param end what the visit that is left hands over
 */
export function apply(
  walk: Walked,
  moves: readonly Move[],
  end: { head: string | null } & Omit<StepValues, 'verdict'> = { head: null, summary: null, metadata: null },
): Walked {
  let { visits, end: over, waits } = { ...walk, waits: null as Walked['waits'] }
  let result: typeof end | null = end
  for (const move of moves) {
    switch (move.move) {
      case 'leave': {
        const last = visits.at(-1)
        if (last === undefined) throw new Error('nothing to leave')
        const { head = null, summary = null, metadata = null } = result ?? {}
        visits = [
          ...visits.slice(0, -1),
          { ...last, verdict: move.verdict, summary, metadata, head_out: head },
        ]
        result = null // only the first visit is left with a result; the next ones decide
        break
      }
      case 'invalidate':
        visits = visits.map((visit) =>
          move.steps.includes(visit.step) && visit.verdict !== null ? { ...visit, valid: false } : visit,
        )
        break
      case 'enter': {
        const { step, visit, from, via } = move
        const entered: Visit = {
          ...{ step, visit, from, via, valid: true, head_in: end.head, head_out: null },
          ...{ verdict: null, summary: null, metadata: null },
        }
        visits = [...visits, entered]
        break
      }
      case 'wait':
        waits = move
        break
      case 'end':
        over = { step: move.step, state: move.state }
    }
  }
  return { ...walk, visits, end: over, waits }
}

/** One step of a simulation: what the open visit is given. */
export type Given = { verdict: string; head?: string | null } & Partial<Omit<StepValues, 'verdict'>>

/** Gives the open visit a verdict. */
export function give(walk: Walked, given: Given): Walked {
  const end = { head: null, summary: null, metadata: null, ...given }
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
