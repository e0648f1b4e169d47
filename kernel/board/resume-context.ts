import type { ContextLimits } from '../../formats/context-limits.ts'
import type { Reader } from '../db/connection.ts'
import { openWalkOf } from '../lifecycle/walk.ts'
import * as runSessions from '../tables/run-sessions.ts'
import * as taskEvents from '../tables/task-events.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { oneLine } from './context-frame.ts'
import { stepParts } from './step-context.ts'

/** The parts of the context for a worker that continues a session: only what the session cannot know. */

/** The point in the history of a task up to which a session knows it. */
export interface Since {
  /** The run whose session is continued. */
  run: RunRow
  /** The event of its claim: what was written later was not in its context. */
  event_id: number
}

/** @returns the point up to which the session of a run knows its task */
export function sinceRun(reader: Reader, run: RunRow): Since {
  return { run, event_id: reader.get(runSessions.claimedEvent, { run_id: run.id })?.id ?? 0 }
}

/** The first part: the worker continues its session, and its processes and half-written text are gone. */
export function continuePart(task: TaskRow, { run }: Since): string {
  const step = run.step_key === null ? '' : `, in the step “${run.step_key}”`
  return `# Continue ${task.id}: ${oneLine(task.title)}

You worked on this task before, in this session, as attempt ${run.attempt}${step}. That attempt is over: its processes and half-written text are gone, its files are as it left them. Below is what is new since it began. Continue where you stopped; do not begin again.`
}

/** The parts about the workflow step, if the card is at a visit that the session does not know. */
export function stepChanges(reader: Reader, task: TaskRow, limits: ContextLimits, { run }: Since): string[] {
  const open = openWalkOf(reader, task)
  return open === null || open.visit.id === run.visit_id ? [] : stepParts(reader, task, limits)
}

/** @returns whether the text of the task has changed since, and whether its parents have */
export function changesSince(
  reader: Reader,
  task: TaskRow,
  { event_id }: Since,
): { task: boolean; parents: boolean } {
  const kinds = reader
    .all(taskEvents.kindsSince, { task_id: task.id, since: event_id })
    .map(({ kind }) => kind)
  return { task: kinds.includes('edited'), parents: kinds.includes('linked') || kinds.includes('promoted') }
}
