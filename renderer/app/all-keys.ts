import { boardActions } from '../board/board-actions.ts'
import { inboxActions } from '../inbox/inbox-actions.ts'
import { diffActions } from '../diff/diff-actions.ts'
import { graphActions } from '../graph/graph-actions.ts'
import { runsActions } from '../runs/runs-actions.ts'
import type { Action } from '../shared/actions.svelte.ts'
import { taskActions } from '../task/task-actions.ts'
import { workerActions } from '../workers/worker-actions.ts'
import { appActions } from './app-actions.ts'

/**
 * Stands for the objects that actions act on. The actions are only listed here, never run, so creating them must not
 * touch it; if a maker of actions does read from it, this throws an error instead of silently losing a line.
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

/** @returns the keys of the whole app by group, whichever view is open */
export function allKeys(): [group: string, actions: Action[]][] {
  const all = [
    ...appActions(NOBODY),
    ...boardActions(NOBODY, nothing),
    ...taskActions(NOBODY, NOBODY, nothing),
    ...inboxActions(NOBODY, NOBODY),
    ...runsActions(nothing, nothing),
    ...workerActions(NOBODY, NOBODY, NOBODY),
    ...graphActions({ zoomIn: nothing, zoomOut: nothing, fit: nothing, walk: nothing }),
    ...diffActions(NOBODY),
  ]
  const groups: Record<string, Action[]> = {}
  for (const action of all) {
    if (action.keys !== undefined && action.keys.length > 0 && !action.unlisted)
      (groups[action.group] ??= []).push(action)
  }
  return Object.entries(groups)
}
