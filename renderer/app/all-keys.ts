import { boardActions } from '../board/board-actions.ts'
import { inboxActions } from '../board/inbox-actions.ts'
import { diffActions } from '../diff/diff-actions.ts'
import { graphActions } from '../graph/graph-actions.ts'
import type { Action } from '../shared/actions.svelte.ts'
import { taskActions } from '../task/task-actions.ts'
import { workerActions } from '../workers/worker-actions.ts'
import { appActions } from './app-actions.ts'

/**
 * In place of what an action acts on. To make a list of actions touches nothing of it: they are listed here, and never
 * run. What a maker of actions comes to read from it is told by an error, not by a line that is missing.
 */
const NOBODY = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`A list of keys was made that depends on “${String(name)}” of what is open`)
    },
  },
) as never

const nothing = () => undefined

/** @returns the keys of the whole app by what they belong to, whichever view is open */
export function allKeys(): [group: string, actions: Action[]][] {
  const all = [
    ...appActions(NOBODY),
    ...boardActions(NOBODY, nothing),
    ...taskActions(NOBODY, NOBODY, nothing),
    ...inboxActions(NOBODY, NOBODY, nothing),
    ...workerActions(NOBODY, NOBODY, NOBODY),
    ...graphActions({ zoomIn: nothing, zoomOut: nothing, fit: nothing, walk: nothing }),
    ...diffActions({ step: nothing, back: nothing }),
  ]
  const groups: Record<string, Action[]> = {}
  for (const action of all) {
    if (action.keys !== undefined && action.keys.length > 0 && !action.unlisted)
      (groups[action.group] ??= []).push(action)
  }
  return Object.entries(groups)
}
