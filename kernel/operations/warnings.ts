import type { Task } from '../../contract/index.ts'
import { contextLimits, contextWay, cutWarning } from '../../formats/context-limits.ts'
import type { Services } from '../services.ts'

/** What a call has just set; only that is worth a warning. */
export interface JustSet {
  assignee?: unknown
  body?: unknown
}

/**
 * What was done as asked and will not turn out as the caller may expect: an assignee that is no profile, a body that its worker
 * is given only in part.
 *
 * @returns sentences; none where all is well
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
      `There is no profile “${task.assignee}”: task ${task.id} waits until you add it, or until a worker of that name claims it.`,
    )
  }
  if (typeof set.body === 'string') {
    const { body } = contextLimits(profile === undefined ? 'file' : contextWay(profile), process.platform)
    const cut = cutWarning(`The body of task ${task.id}`, set.body, body, `runboard show ${task.id}`)
    if (cut !== null) warnings.push(cut)
  }
  return warnings
}

/** @returns the field of an answer, where there is something to say */
export function withWarnings(warnings: string[]): { warnings?: string[] } {
  return warnings.length === 0 ? {} : { warnings }
}
