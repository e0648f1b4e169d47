import type { OperationInput, Task } from '../../contract/index.ts'
import { verbForMove } from '../../contract/states.ts'
import { words } from './tones.ts'
import type { VerbSubject } from './verbs.ts'

export type VerbFields = Omit<OperationInput<'task.bulk'>, 'ids' | 'verb' | 'board'>

/** A call that returns one task to its earlier state. */
export interface UndoStep {
  id: string
  verb: string
  fields: VerbFields
  /** What to write before and after the name of the task, or the number of tasks: “moved … back to ready”. */
  phrase: readonly [before: string, after: string]
}

export type UndoSubject = VerbSubject &
  Partial<Pick<Task, 'assignee' | 'not_before_at' | 'held_reason' | 'priority'>>

/**
 * The calls that return tasks to their earlier state after a verb that moved, held or released them. A stopped process
 * is not started again.
 *
 * @returns null if one of the tasks cannot go back, or none has changed
 */
export function stepsBack(before: readonly UndoSubject[], after: readonly Task[]): UndoStep[] | null {
  const steps: UndoStep[] = []
  for (const task of after) {
    const from = before.find(({ id }) => id === task.id)
    if (from === undefined) return null
    if (from.status === task.status && from.held === task.held) {
      if (from.retry_at !== task.retry_at) return null // A skipped wait (the backoff) cannot be brought back.
      continue
    }
    const step = from.status === task.status ? holdBack(from) : moveBack(from, task)
    if (step === null) return null
    steps.push(step)
  }
  return steps.length === 0 ? null : steps
}

function holdBack(from: UndoSubject): UndoStep {
  if (!from.held) return { id: from.id, verb: 'release', fields: {}, phrase: ['released', 'again'] }
  const fields: VerbFields = from.held_reason == null ? {} : { reason: from.held_reason }
  return { id: from.id, verb: 'hold', fields, phrase: ['held', 'again'] }
}

function moveBack(from: UndoSubject, task: Task): UndoStep | null {
  const { id } = from
  // The stopped run cannot continue. An archived task can at least be restored, to run again later.
  if (from.status === 'running') {
    return task.status === 'archived' ? { id, verb: 'restore', fields: {}, phrase: ['restored', ''] } : null
  }
  const verb = verbForMove(task.status, from.status)
  const phrase = ['moved', `back to ${words(from.status)}`] as const
  if (verb === null) return null
  if (verb !== 'block') return { id, verb, fields: {}, phrase }
  // Only these kinds can be given by a caller; the dispatcher sets the others.
  if (from.block_kind !== 'needs_input' && from.block_kind !== 'capability') return null
  return { id, verb, fields: { reason: from.block_reason ?? 'Blocked again', kind: from.block_kind }, phrase }
}

/** @returns null if the earlier profile of one of them is unknown, or none has changed */
export function assignBack(before: readonly UndoSubject[], after: readonly Task[]): UndoStep[] | null {
  return changedBack(before, after, 'assignee', 'assign', ['assigned', 'back'])
}

/** @returns null if the earlier start time of one of them is unknown, or none has changed */
export function scheduleBack(before: readonly UndoSubject[], after: readonly Task[]): UndoStep[] | null {
  return changedBack(before, after, 'not_before_at', 'schedule', ['put the start time of', 'back'])
}

/** @returns null if the earlier priority of one of them is unknown, or none has changed */
export function priorityBack(before: readonly UndoSubject[], after: readonly Task[]): UndoStep[] | null {
  return changedBack(before, after, 'priority', 'edit', ['put the priority of', 'back'])
}

function changedBack(
  before: readonly UndoSubject[],
  after: readonly Task[],
  field: 'assignee' | 'not_before_at' | 'priority',
  verb: string,
  phrase: UndoStep['phrase'],
): UndoStep[] | null {
  const steps: UndoStep[] = []
  for (const task of after) {
    const value = before.find(({ id }) => id === task.id)?.[field]
    if (value === undefined) return null
    if (value !== task[field]) steps.push({ id: task.id, verb, fields: { [field]: value }, phrase })
  }
  return steps.length === 0 ? null : steps
}

/** @returns the steps grouped into calls: those with the same verb and the same fields */
export function asCalls(steps: readonly UndoStep[]): UndoStep[][] {
  const calls = new Map<string, UndoStep[]>()
  for (const step of steps) {
    const key = JSON.stringify([step.verb, step.fields])
    calls.set(key, [...(calls.get(key) ?? []), step])
  }
  return [...calls.values()]
}

/**
 * @param what the title of the one task, or how many there are
 * @returns what the steps did: their own words if all have the same, else “moved … back” or “put … back”
 */
export function undoText(steps: readonly UndoStep[], what: string): string {
  const [first] = steps
  if (first === undefined) return what
  const [before, after] = first.phrase
  if (steps.every(({ phrase }) => phrase[0] === before && phrase[1] === after)) {
    return `${before} ${what} ${after}`.trim()
  }
  return steps.every(({ phrase }) => phrase[0] === before) ? `${before} ${what} back` : `put ${what} back`
}
