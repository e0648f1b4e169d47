import { OperationError } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { releaseTask } from './hold.ts'
import { linkTasks } from './dependencies.ts'
import { getTask } from './moved.ts'
import { proposalSentence, proposedFields } from './propose.ts'
import { promoteFromTriage } from './promote.ts'
import { refuseTransition, requireTask } from './transition.ts'

/** The triage task that a run plans; null for any other run. */
export function plannedBy(tx: WriteTx, runId: number | undefined): TaskRow | null {
  if (runId === undefined) return null
  const run = tx.get(taskRuns.byId, { id: runId })
  const planner = run === undefined ? undefined : tx.get(tasks.byId, { id: run.task_id })
  if (planner?.plan_of == null) return null
  return tx.get(tasks.byId, { id: planner.plan_of }) ?? null
}

/**
 * Makes a task that a planner created a part of the task it plans: the planned task waits for it, and by default the
 * part is held until a person accepts the plan. If the board accepts plans automatically, the planned task leaves
 * triage with its first part.
 */
export function addToPlan(tx: WriteTx, planned: TaskRow, part: TaskRow, isAccepted: boolean): TaskRow {
  linkTasks(tx, part, planned)
  if (!isAccepted && part.proposed_fields === null) {
    tx.returning(tasks.setHeld, {
      id: part.id,
      held: 1,
      reason: `part of a plan for ${planned.id}`,
      now: tx.now,
    })
  }
  if (isAccepted && planned.status === 'triage') {
    waitForPlanners(tx, planned.id)
    promoteFromTriage(tx, requireTask(tx, planned.id), true)
  }
  return getTask(tx, part.id)
}

/** A planner that still runs may add parts: the planned task cannot be finished before the planner has ended. */
function waitForPlanners(tx: WriteTx, id: string): void {
  for (const planner of tx.all(tasks.openPlannersOf, { id })) linkTasks(tx, planner, requireTask(tx, id))
}

/**
 * Releases the parts of a plan, and makes the planned task wait for them.
 *
 * @param acceptsCommands whether the person has seen the commands that the parts would run, and accepts them too
 * @returns the task, and the ids of the released parts
 * @throws OperationError CONFLICT when the task is not in triage, nothing was planned for it, or its parts would run
 *   commands that were not accepted; `data.commands` lists those
 */
export function acceptPlan(
  tx: WriteTx,
  id: string,
  acceptsCommands: boolean,
): { task: TaskRow; released: string[] } {
  const task = requireTask(tx, id)
  if (task.status !== 'triage') throw refuseTransition(task, 'promote')
  const parts = tx.all(tasks.heldPartsOf, { id })
  if (parts.length === 0) {
    throw new OperationError('CONFLICT', `Task ${id} has no planned tasks to accept.`, { id })
  }
  if (!acceptsCommands) refuseUnseenCommands(parts)
  for (const part of parts) releaseTask(tx, part)
  waitForPlanners(tx, id)
  return {
    task: promoteFromTriage(tx, requireTask(tx, id), true).task,
    released: parts.map((part) => part.id),
  }
}

function refuseUnseenCommands(parts: readonly TaskRow[]): void {
  const proposals = parts.filter((part) => part.proposed_fields !== null)
  if (proposals.length === 0) return
  const commands = proposals.map((part) => ({
    id: part.id,
    title: part.title,
    verify_command: part.verify_command,
    workspace_path: part.workspace_path,
  }))
  const lines = proposals.map((part) => `${part.id}: ${proposalSentence(part, proposedFields(part))}`)
  throw new OperationError(
    'CONFLICT',
    `This plan would run commands of its own. ${lines.join('; ')}. Accept with --commands (commands: true) to let them run.`,
    { commands },
  )
}
