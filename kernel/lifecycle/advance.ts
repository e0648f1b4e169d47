import { OperationError } from '../../contract/index.ts'
import type { WorkflowStep } from '../../contract/workflow-file.ts'
import { STEP_KIND_RULES } from '../../contract/workflow-kinds.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import { advance, type Move, roundsOf, type WalkEvent } from '../workflow/engine.ts'
import { graphOf, waysOf } from '../workflow/graph.ts'
import { askApproval } from './ask-approval.ts'
import { endWalk } from './end-walk.ts'
import { getTask } from './moved.ts'
import { moveTask, runnableStatus } from './transition.ts'
import { keptAssignee, type OpenWalk, profileOfStep } from './walk.ts'
import { writeEvent } from './write-event.ts'

/** The result of a visit. */
export interface StepEnd {
  verdict: string
  summary: string | null
  metadata: Record<string, unknown> | null
  /** The commit of the workspace now; null without git. */
  head: string | null
  /** A person gave the verdict. Time limits do not stop it, nor the rule that a round must change something. */
  by_person?: boolean
}

/** What caused a move. */
interface Cause {
  /** The run that reported; null for a person's verb. */
  run_id: number | null
}

/**
 * Ends the open visit of a card and moves the card to its next step. Call it in the transaction that closes the run,
 * approves, or gives up.
 *
 * @returns the task at its next step; done at the end of the walk; blocked when a limit (rounds, progress, or time)
 *   stops the walk
 */
export function advanceTask(tx: WriteTx, task: TaskRow, open: OpenWalk, end: StepEnd, cause: Cause): TaskRow {
  const { by_person = false, head, metadata, summary, verdict } = end
  const moves = advance(open.walk, { event: 'verdict', by_person, head, metadata, summary, verdict })
  const late = by_person || moves.some(({ move }) => move === 'end') ? null : overtime(tx, open)
  if (late !== null) return hold(tx, task, open, end, late, cause)
  return carryOut(tx, task, open, moves, end, cause)
}

/**
 * Time at a question to a person does not count; time blocked or held at another step does. One more round gives the walk its whole time again: only the
 * visits after the one that was let through count.
 *
 * @returns why a walk that has worked for longer than its limit stops; null within the limit
 */
function overtime(tx: WriteTx, { row, walk }: OpenWalk): string | null {
  const hours = walk.definition.limits?.max_runtime_hours
  if (hours === undefined) return null
  const { steps } = graphOf(walk.definition)
  const visits = tx.all(workflowRuns.visitsOf, { workflow_run_id: row.id })
  const since = visits.reduce((at, visit, index) => (visit.let_on === 1 ? index + 1 : at), 0)
  const worked = visits
    .slice(since)
    .filter(({ step_key }) => !STEP_KIND_RULES[steps.get(step_key)?.kind ?? 'work'].by_person)
    .reduce((sum, { entered_at, left_at }) => sum + Math.max(0, (left_at ?? tx.now) - entered_at), 0)
  if (worked <= hours * 3_600_000) return null
  return `The workflow has worked for longer than its limit of ${hours} h.`
}

/** Starts the first step of a new walk. */
export function enterFirst(tx: WriteTx, task: TaskRow, open: Omit<OpenWalk, 'visit' | 'step'>): TaskRow {
  const moves = advance(open.walk, { event: 'started' })
  return carryOut(tx, task, open, moves, NOTHING, { run_id: null })
}

/**
 * Carries out a person's *one more round* or *go to*.
 *
 * @param event what the verb means for the engine
 */
export function advanceByPerson(
  tx: WriteTx,
  task: TaskRow,
  open: OpenWalk,
  event: WalkEvent,
  end: Omit<StepEnd, 'verdict'> = NOTHING,
): TaskRow {
  if (event.event === 'one_more_round') tx.run(workflowRuns.letOn, { id: open.visit.id })
  return carryOut(tx, task, open, advance(open.walk, event), end, { run_id: null })
}

const NOTHING: Omit<StepEnd, 'verdict'> = { summary: null, metadata: null, head: null }

type WaitMove = Extract<Move, { move: 'wait' }>
type EnterMove = Extract<Move, { move: 'enter' }>

/** A walk that may not have entered its first step yet. */
type StartedWalk = Omit<OpenWalk, 'visit' | 'step'> & Partial<Pick<OpenWalk, 'visit' | 'step'>>

/**
 * Applies the moves of the engine to the board, in their order.
 *
 * @param end the result of the visit that is open now
 * @returns the task after the last move
 */
function carryOut(
  tx: WriteTx,
  task: TaskRow,
  open: StartedWalk,
  moves: readonly Move[],
  end: Omit<StepEnd, 'verdict'>,
  cause: Cause,
): TaskRow {
  let result: Omit<StepEnd, 'verdict'> = end
  let visit = open.visit
  let last: EnterMove | null = null
  for (const move of moves) {
    switch (move.move) {
      case 'wait':
        return stopAtLimit(
          tx,
          task,
          { ...open, visit: requireVisit(visit) },
          { ...end, verdict: move.verdict },
          move,
          cause,
        )
      case 'invalidate':
        tx.run(workflowRuns.invalidate, { workflow_run_id: open.row.id, steps: JSON.stringify(move.steps) })
        break
      case 'leave':
        leave(tx, task, requireVisit(visit), move.verdict, result)
        result = NOTHING
        break
      case 'enter':
        last = move
        visit = tx.returning(workflowRuns.enter, {
          workflow_run_id: open.row.id,
          step_key: move.step,
          visit: move.visit,
          entered_by: tx.actor,
          entered_from: move.from,
          entered_via: move.via,
          head_in: end.head,
          now: tx.now,
        })
        noteEntered(tx, task, open, move)
        break
      case 'end':
        return endWalk(tx, task, open, { key: move.step, state: move.state, reason: null })
    }
  }
  if (last === null) throw new Error(`the walk of task ${task.id} leads nowhere`)
  return place(tx, task, open, last, cause)
}

function requireVisit(visit: OpenWalk['visit'] | undefined): OpenWalk['visit'] {
  if (visit === undefined) throw new Error('there is no visit to leave')
  return visit
}

/** @throws OperationError CONFLICT when the visit has ended already */
function leave(
  tx: WriteTx,
  task: TaskRow,
  visit: OpenWalk['visit'],
  verdict: string,
  end: Omit<StepEnd, 'verdict'>,
): void {
  const left = tx.returning(workflowRuns.leave, {
    id: visit.id,
    verdict,
    summary: end.summary,
    outputs: end.metadata === null ? null : JSON.stringify(end.metadata),
    head_out: end.head,
    now: tx.now,
  })
  if (left === undefined)
    throw new OperationError('CONFLICT', `Task ${task.id} has left the step “${visit.step_key}” already.`)
  writeEvent(tx, 'step_left', task.id, null, { step: visit.step_key, visit: visit.visit, verdict })
}

/** Writes the event of an entered step; on a way back also which round this is. */
function noteEntered(tx: WriteTx, task: TaskRow, { walk, roles }: StartedWalk, move: EnterMove): void {
  const step = stepAt(walk.definition, move.step)
  const way = move.from === null ? undefined : waysFrom(walk.definition, move.from, move.via)
  const round = way?.max_rounds == null ? null : roundsOf(walk.visits, way) + 1
  writeEvent(tx, 'step_entered', task.id, null, {
    step: move.step,
    visit: move.visit,
    ...(move.from === null ? {} : { from: move.from, via: move.via }),
    ...(round === null ? {} : { round, of: way?.max_rounds }),
    ...(profileOfStep(step, roles) === null ? {} : { profile: profileOfStep(step, roles) }),
  })
}

function stepAt(definition: OpenWalk['walk']['definition'], key: string): WorkflowStep {
  const step = graphOf(definition).steps.get(key)
  if (step === undefined) throw new Error(`there is no step ${key}`)
  return step
}

function waysFrom(definition: OpenWalk['walk']['definition'], from: string, via: string | null) {
  return waysOf(stepAt(definition, from)).find(({ verdict }) => verdict === via)
}

/** Gives the card the assignee and the status that its new step needs. */
function place(
  tx: WriteTx,
  task: TaskRow,
  { row, template, walk, roles }: StartedWalk,
  { step: key }: EnterMove,
  cause: Cause,
): TaskRow {
  const step = stepAt(walk.definition, key)
  tx.returning(tasks.setStep, {
    id: task.id,
    workflow_run_id: row.id,
    workflow_template_id: template.name,
    current_step_key: key,
    assignee: profileOfStep(step, roles) ?? keptAssignee(task.assignee),
    now: tx.now,
  })
  tx.run(tasks.setFailures, { id: task.id, failures: 0, error: null })
  const runnable = runnableStatus(tx, task.id)
  const now = getTask(tx, task.id)
  return runnable === 'ready' && STEP_KIND_RULES[step.kind].status === 'review'
    ? askApproval(tx, now, cause.run_id)
    : moveTask(tx, now, runnable, 'advance')
}

/**
 * Blocks the card until a person decides. The visit stays open and keeps the verdict with its result, so that *one more
 * round* can use them.
 */
function hold(
  tx: WriteTx,
  task: TaskRow,
  open: Pick<OpenWalk, 'visit'>,
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
  const reason = `${why} “One more round” lets it continue, “Go to step” sends it elsewhere.`
  const moved = moveTask(tx, task, 'blocked', 'advance', { block_kind: 'needs_input', block_reason: reason })
  writeEvent(tx, 'blocked', task.id, cause.run_id, { reason, kind: 'needs_input' })
  return moved
}

/** Holds a card whose loop has reached its limit of rounds, or makes no progress, with the event that says so. */
function stopAtLimit(
  tx: WriteTx,
  task: TaskRow,
  open: Pick<OpenWalk, 'visit'>,
  end: StepEnd,
  move: WaitMove,
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
