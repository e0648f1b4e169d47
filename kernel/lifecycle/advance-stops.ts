import { STEP_KIND_RULES, type StepKind } from '../../contract/workflow-kinds.ts'
import type { WriteTx } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import type { Move } from '../workflow/engine.ts'
import { graphOf } from '../workflow/graph.ts'
import { moveTask } from './transition.ts'
import { endJoining } from './join.ts'
import type { OpenWalk } from './walk.ts'
import type { Cause, StepEnd } from './visits.ts'
import { writeEvent } from './write-event.ts'

/** Ways to stop a walk until a person acts. */

/**
 * Checks the time limit of a walk. Time at a step that asks a person does not count, nor at a map, whose items have limits of
 * their own; time blocked or held at another step does. *One more round* restarts the count: only visits after the stopped
 * one count.
 *
 * @returns why a walk that has worked for longer than its limit stops; null within the limit
 */
export function overtime(tx: WriteTx, { row, walk }: Pick<OpenWalk, 'row' | 'walk'>): string | null {
  const hours = walk.definition.limits?.max_runtime_hours
  if (hours === undefined) return null
  const { steps } = graphOf(walk.definition)
  const visits = tx.all(workflowRuns.visitsOf, { workflow_run_id: row.id })
  const since = visits.reduce((at, visit, index) => (visit.let_on === 1 ? index + 1 : at), 0)
  const worked = visits
    .slice(since)
    .filter(({ copied_from }) => copied_from === null)
    .filter(({ step_key }) => isOwnTime(steps.get(step_key)?.kind ?? 'work'))
    .reduce((sum, { entered_at, left_at }) => sum + Math.max(0, (left_at ?? tx.now) - entered_at), 0)
  if (worked <= hours * 3_600_000) return null
  return `The workflow has worked for longer than its limit of ${hours} h.`
}

/** Whether a card itself works at a step of a kind: it does not while it waits for a person, or for its items. */
function isOwnTime(kind: StepKind): boolean {
  return kind !== 'map' && !STEP_KIND_RULES[kind].by_person
}

/**
 * Blocks the card until a person decides. The visit stays open and keeps the verdict with its result, so that *one more
 * round* can use them.
 */
export function hold(
  tx: WriteTx,
  task: TaskRow,
  open: Pick<OpenWalk, 'row' | 'visit' | 'walk'>,
  end: StepEnd,
  why: string,
  cause: Cause,
): TaskRow {
  tx.run(workflowRuns.hold, {
    id: open.visit.id,
    held_verdict: end.verdict,
    summary: end.summary,
    outputs: end.metadata === null ? null : JSON.stringify(end.metadata),
    head_out: end.head,
  })
  const card = endJoining(tx, task, open)
  return block(tx, card, `${why} “One more round” lets it continue, “Go to step” sends it elsewhere.`, cause)
}

/** Holds a card whose loop has reached its limit of rounds, or makes no progress, with the event that says so. */
export function stopAtLimit(
  tx: WriteTx,
  task: TaskRow,
  open: Pick<OpenWalk, 'row' | 'visit' | 'walk'>,
  end: StepEnd,
  move: Extract<Move, { move: 'wait' }>,
  cause: Cause,
): TaskRow {
  writeEvent(tx, move.why, task.id, null, {
    step: open.visit.step_key,
    verdict: end.verdict,
    to: move.to,
    why: move.sentence,
  })
  return hold(tx, task, open, end, move.sentence, cause)
}

/** Blocks a card at a map step whose items cannot be made. Unblocking reads the list again. */
export function refuseItems(tx: WriteTx, task: TaskRow, sentence: string, cause: Cause): TaskRow {
  return block(
    tx,
    task,
    `${sentence} “Go to step” sends it back, “Skip” gives the verdict, unblocking reads the list again.`,
    cause,
  )
}

function block(tx: WriteTx, task: TaskRow, reason: string, cause: Cause): TaskRow {
  const moved = moveTask(tx, task, 'blocked', 'advance', { block_kind: 'needs_input', block_reason: reason })
  writeEvent(tx, 'blocked', task.id, cause.run_id, { reason, kind: 'needs_input' })
  return moved
}
