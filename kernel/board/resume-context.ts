import type { ContextLimits } from '../../formats/context-limits.ts'
import type { Reader } from '../db/connection.ts'
import { openWalkOf } from '../lifecycle/walk.ts'
import * as runSessions from '../tables/run-sessions.ts'
import * as taskEvents from '../tables/task-events.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { oneLine } from './context-frame.ts'
import { stepParts } from './step-context.ts'

/** What a worker that goes on with a session is told: only what its session cannot know. */

/** Where the knowledge of a session ends. */
export interface Since {
  /** The run whose session goes on. */
  run: RunRow
  /** The event of its claim: what was written later was not in its context. */
  event_id: number
}

/** @returns where the knowledge of that run ends */
export function sinceRun(reader: Reader, run: RunRow): Since {
  return { run, event_id: reader.get(runSessions.claimedEvent, { run_id: run.id })?.id ?? 0 }
}

/** The first words: that it goes on, and what is no longer there. */
export function goOnPart(task: TaskRow, { run }: Since): string {
  const step = run.step_key === null ? '' : `, in the step “${run.step_key}”`
  return `# Go on with ${task.id}: ${oneLine(task.title)}

You worked on this task before, in this session, as attempt ${run.attempt}${step}. That attempt is over: its processes and half-written text are gone, its files are as it left them. Below is what is new since it began. Go on from where you stopped; do not begin again.`
}

/** The step of a workflow, if it is another visit than the one that the session knows. */
export function stepChanges(reader: Reader, task: TaskRow, limits: ContextLimits, { run }: Since): string[] {
  const open = openWalkOf(reader, task)
  return open === null || open.visit.id === run.visit_id ? [] : stepParts(reader, task, limits)
}

/** @returns whether the text of the task, or what it waited for, has changed since */
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
