import type { Task } from '../../contract/index.ts'
import { contextLimits, contextWay, cutWarning } from '../../formats/context-limits.ts'
import type { Services } from '../services.ts'

/** The fields that a call has just set; only they can cause a warning. */
export interface JustSet {
  assignee?: unknown
  body?: unknown
}

/**
 * Warns of a result that the caller may not expect: an assignee without a profile, or a body too long to be given to
 * the worker in full.
 *
 * @returns sentences; none when all is well
 */
export function taskWarnings(
  services: Services,
  task: Pick<Task, 'id' | 'assignee'>,
  set: JustSet,
): string[] {
  const warnings: string[] = []
  const { problem, profiles } = services.config.readOrDefaults()
  const profile = profiles.get(task.assignee ?? '')
  if (set.assignee != null && task.assignee !== null && profile === undefined && problem === null) {
    warnings.push(
      `Profile “${task.assignee}” not found: task ${task.id} waits until you add the profile, or until a worker of that name claims the task.`,
    )
  }
  if (typeof set.body === 'string') {
    const { body } = contextLimits(profile === undefined ? 'file' : contextWay(profile), process.platform)
    const cut = cutWarning(`The body of task ${task.id}`, set.body, body, `runboard show ${task.id}`)
    if (cut !== null) warnings.push(cut)
  }
  return warnings
}

/** @returns the field of an answer, if there is something to say */
export function withWarnings(warnings: string[]): { warnings?: string[] } {
  return warnings.length === 0 ? {} : { warnings }
}
