import type { StepOf } from '../../contract/workflow-file.ts'
import type { ItemState } from '../../contract/workflow-kinds.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { VisitRow } from '../tables/workflow-runs.ts'
import {
  advance,
  afterEntering,
  type EnterMove,
  type Move,
  visitsAfter,
  type WalkEvent,
} from '../workflow/engine.ts'
import type { Item } from '../workflow/items.ts'
import { overtime, hold, refuseItems, stopAtLimit } from './advance-stops.ts'
import { endWalk } from './end-walk.ts'
import { endOfItems, leaveItems, withHandoff } from './items.ts'
import { beginJoin, itemsToJoin } from './join.ts'
import { makeItems } from './make-items.ts'
import { getTask } from './moved.ts'
import { type Cause, enter, leave, place, type Result, stepAt, type StepEnd } from './visits.ts'
import { openWalkOf, type OpenWalk, type StartedWalk } from './walk.ts'

const NOTHING: Result = { summary: null, metadata: null, head: null }
const NO_RUN: Cause = { run_id: null }

/**
 * Ends the open visit of a card and moves the card to its next step. Call it in the transaction that closes the run,
 * approves, or gives up.
 *
 * @returns the task at its next step; done at the end of the walk; blocked when a limit (rounds, progress, or time)
 *   stops the walk
 */
export function advanceTask(
  tx: WriteTx,
  task: TaskRow,
  open: OpenWalk,
  given: StepEnd,
  cause: Cause,
): TaskRow {
  const end = withHandoff(tx, open, given)
  const { by_person = false, head, metadata, summary, verdict } = end
  const moves = advance(open.walk, { event: 'verdict', by_person, head, metadata, summary, verdict })
  const late = by_person || moves.some(({ move }) => move === 'end') ? null : overtime(tx, open)
  if (late !== null) return hold(tx, task, open, end, late, cause)
  return carryOut(tx, task, open, moves, end, cause)
}

/**
 * Starts the first step of a new walk.
 *
 * @param head the commit of the work that the card already has
 */
export function enterFirst(
  tx: WriteTx,
  task: TaskRow,
  open: StartedWalk,
  head: string | null = null,
): TaskRow {
  const moves = advance(open.walk, { event: 'started' })
  return carryOut(tx, task, open, moves, { ...NOTHING, head }, NO_RUN)
}

/**
 * Enters a step in the middle of a new walk that has the results of an earlier one.
 *
 * @param move the entry; the walk has the visits before it
 * @param head the commit that stands for the work of the card now
 */
export function enterAt(
  tx: WriteTx,
  task: TaskRow,
  open: StartedWalk,
  move: EnterMove,
  head: string | null,
): TaskRow {
  return carryOut(
    tx,
    task,
    open,
    [move, ...afterEntering(open.walk, move, head)],
    { ...NOTHING, head },
    NO_RUN,
  )
}

/**
 * Carries out a person's *one more round* or *go to*.
 *
 * @param event the verb as an event of the engine
 */
export function advanceByPerson(
  tx: WriteTx,
  task: TaskRow,
  open: OpenWalk,
  event: WalkEvent,
  end: Result = NOTHING,
): TaskRow {
  if (event.event === 'one_more_round') tx.run(workflowRuns.letOn, { id: open.visit.id })
  return carryOut(tx, task, open, advance(open.walk, event), end, NO_RUN)
}

/**
 * Records that the card of an item has ended. If it was the last open item, the carrier continues.
 *
 * @param id any card; nothing changes if it is not an open item
 */
export function settleItem(tx: WriteTx, id: string, to: Extract<ItemState, 'succeeded' | 'failed'>): void {
  const item = tx.get(workflowItems.ofTask, { task_id: id })
  if (item?.state !== 'open') return
  tx.run(workflowItems.setState, { visit_id: item.visit_id, item_key: item.item_key, from: 'open', to })
  joinItems(tx, item.carrier_id)
}

/** Ends the visit of a card whose items have all ended. A blocked or archived carrier continues only after that is undone. */
export function joinItems(tx: WriteTx, carrierId: string): void {
  const carrier = getTask(tx, carrierId)
  const open = carrier.status === 'todo' ? openWalkOf(tx, carrier) : null
  if (open?.step.kind !== 'map') return
  const end = endOfItems(tx, open.step, open.visit)
  if (end === null) return
  if (itemsToJoin(tx, open).length > 0) beginJoin(tx, carrier)
  else advanceTask(tx, carrier, open, end, NO_RUN)
}

/** Continues a card at a map step after it was blocked or archived. If it has no items yet, reads its list again. */
export function resumeItems(tx: WriteTx, task: TaskRow): void {
  const open = openWalkOf(tx, task)
  if (open?.step.kind !== 'map') throw new Error(`the step of task ${task.id} has no items`)
  const hasItems = tx.all(workflowItems.statesOf, { visit_id: open.visit.id }).length > 0
  // A person has acted, so joining may send items back again.
  tx.run(workflowItems.allowSendingBack, { visit_id: open.visit.id })
  if (hasItems) joinItems(tx, task.id)
  else carryOut(tx, task, open, advance(open.walk, { event: 'read_again' }), NOTHING, NO_RUN)
}

/**
 * Applies the moves of the engine to the board, in their order.
 *
 * @param end the result of the visit that is open now
 * @returns the task after the last move
 */
function carryOut(
  tx: WriteTx,
  task: TaskRow,
  open: StartedWalk & { visit?: VisitRow },
  moves: readonly Move[],
  end: Result,
  cause: Cause,
): TaskRow {
  let result = end
  let visit = open.visit
  let at = visit?.step_key ?? null
  for (const [index, move] of moves.entries()) {
    switch (move.move) {
      case 'wait': {
        const held = { ...end, verdict: move.verdict }
        return stopAtLimit(tx, task, { ...open, visit: requireVisit(visit) }, held, move, cause)
      }
      case 'invalidate':
        tx.run(workflowRuns.invalidate, { workflow_run_id: open.row.id, steps: JSON.stringify(move.steps) })
        break
      case 'leave': {
        const left = requireVisit(visit)
        const isMap = stepAt(open.walk.definition, left.step_key).kind === 'map'
        const items = isMap ? leaveItems(tx, task, left, result.summary ?? move.verdict) : null
        leave(tx, task, left, move.verdict, { ...result, metadata: result.metadata ?? items, ...move.own })
        result = NOTHING
        break
      }
      case 'enter':
        at = move.step
        visit = enter(tx, task, open, move, end.head)
        break
      case 'make': {
        // The list was read from the visits as the moves before this one leave them.
        const visits = visitsAfter(open.walk.visits, moves.slice(0, index), end)
        const walk = { ...open.walk, visits }
        return makeAndBegin(tx, task, { ...open, walk }, requireVisit(visit), move.items, cause)
      }
      case 'refuse':
        return refuseItems(
          tx,
          place(tx, task, open, requireVisit(visit).step_key, cause),
          move.sentence,
          cause,
        )
      case 'end': {
        const { state, step } = move
        const ended = endWalk(tx, task, open, { key: step, state, reason: null })
        settleItem(tx, task.id, state === 'succeeded' ? 'succeeded' : 'failed')
        return ended
      }
    }
  }
  if (at === null) throw new Error(`the walk of task ${task.id} leads nowhere`)
  return place(tx, task, open, at, cause)
}

function requireVisit(visit: VisitRow | undefined): VisitRow {
  if (visit === undefined) throw new Error('there is no visit')
  return visit
}

/** Makes the cards of the items of the map step that a card has entered, and starts their walks. */
function makeAndBegin(
  tx: WriteTx,
  task: TaskRow,
  open: StartedWalk,
  visit: VisitRow,
  items: readonly Item[],
  cause: Cause,
): TaskRow {
  const step = stepAt(open.walk.definition, visit.step_key) as StepOf<'map'>
  const made = makeItems(tx, task, open, visit, step, items)
  const placed = place(tx, task, open, step.key, cause)
  if ('problem' in made) return refuseItems(tx, placed, made.problem, cause)
  // The walk of an item may end at once; if all do, the last one ends this visit.
  for (const item of made) enterFirst(tx, getTask(tx, item.task.id), item.open)
  return getTask(tx, task.id)
}
