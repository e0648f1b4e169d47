import type { Outcome, RunTrigger } from '../../contract/index.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'

export interface Handoff {
  summary: string | null
  metadata: Record<string, unknown> | null
}

/** The part of a report that concerns the step of a workflow. */
export interface StepReport {
  /** How the step turned out; null for its usual verdict. */
  verdict?: string | null
  /** The commit of the workspace now; null without git. */
  head?: string | null
  /** The visit that the report is about. The report is refused when the card is at another one. */
  visit_id?: number | null
  /** Whether a person reports, in place of a worker. */
  by_person?: boolean
}

/** A task after a verb, with the run that the verb opened or closed. */
export interface Moved {
  task: TaskRow
  run: RunRow | null
}

/**
 * A run that carries the handoff of an unclaimed task. It starts and ends at the same moment. Without a handoff no
 * run is written.
 */
export function syntheticRun(
  tx: WriteTx,
  task: TaskRow,
  outcome: Outcome,
  handoff: Handoff,
  trigger: RunTrigger,
): RunRow | null {
  if (handoff.summary === null && handoff.metadata === null) return null
  const run = tx.returning(taskRuns.insertEnded, {
    task_id: task.id,
    profile: task.assignee,
    step_key: task.current_step_key,
    trigger,
    outcome,
    summary: handoff.summary,
    metadata: handoff.metadata === null ? null : JSON.stringify(handoff.metadata),
    error: null,
    now: tx.now,
  })
  return run ?? null
}

/** @returns the current row of a task that the caller knows to exist */
export function getTask(reader: Reader, id: string): TaskRow {
  const task = reader.get(tasks.byId, { id })
  if (task === undefined) throw new Error(`task ${id} is gone`)
  return task
}
