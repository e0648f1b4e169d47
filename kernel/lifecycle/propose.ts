import { OperationError } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { refuseVerb } from './transition.ts'
import { writeEvent } from './write-event.ts'

/** The statuses in which no command of the task runs before a person releases it. */
const OPEN_TO_PROPOSALS: readonly TaskRow['status'][] = ['triage', 'todo', 'ready', 'blocked']

/** The longest command that a sentence shows, in characters. */
const SHOWN_CHARS = 200

/**
 * Holds a task whose commands a planner has set, until a person releases it.
 *
 * @param fields names of the proposed input fields, at least one
 * @throws OperationError CONFLICT when it is too late for a hold to stop the command
 */
export function holdProposal(tx: WriteTx, task: TaskRow, fields: readonly string[]): TaskRow {
  if (!OPEN_TO_PROPOSALS.includes(task.status)) throw refuseVerb(task, 'changed by a proposal')
  const all = [...new Set([...proposedFields(task), ...fields])].sort()
  const reason = proposalSentence(task, all)
  tx.returning(tasks.setProposed, { id: task.id, proposed_fields: JSON.stringify(all), now: tx.now })
  const held = tx.returning(tasks.setHeld, { id: task.id, held: 1, reason, now: tx.now })
  writeEvent(tx, 'held', task.id, null, { reason, proposed: all })
  if (held === undefined) throw new Error('a task was not held')
  return held
}

/** @returns the fields that a planner proposed and no person has accepted */
export function proposedFields(task: Pick<TaskRow, 'proposed_fields'>): string[] {
  return task.proposed_fields === null ? [] : (JSON.parse(task.proposed_fields) as string[])
}

/**
 * @throws OperationError CONFLICT when the task's command was proposed by a worker and no person has accepted it
 */
export function refuseProposed(task: TaskRow): void {
  if (task.proposed_fields === null) return
  throw new OperationError(
    'CONFLICT',
    `Task ${task.id} waits for a person: ${proposalSentence(task, proposedFields(task))}. Release the task to accept this.`,
    { id: task.id, proposed_fields: proposedFields(task) },
  )
}

/** What the task would run, or in which folder, as one line without a full stop. */
export function proposalSentence(task: TaskRow, fields: readonly string[]): string {
  const parts = fields.map((field) =>
    field === 'workspace'
      ? `work in ${oneLine(task.workspace_path)}`
      : `run ${task.verify_command === null ? 'no check any more' : `the check “${oneLine(task.verify_command)}”`}`,
  )
  return `a planner proposes to ${parts.join(' and ')}`
}

function oneLine(text: string | null): string {
  const line = (text ?? '').replace(/\s+/g, ' ')
  return line.length <= SHOWN_CHARS ? line : `${line.slice(0, SHOWN_CHARS)}…`
}
