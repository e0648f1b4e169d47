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
      throw new Error(`The list of keys must not depend on “${String(name)}” of an open board or task`)
    },
  },
) as never

const nothing = () => undefined

/** An action, and where its keys work: in the whole app, in the open task, or in one view. */
export interface PlacedAction {
  action: Action
  place: 'app' | 'task' | 'board' | 'inbox' | 'runs' | 'workers' | 'graph' | 'diff'
}

/** @returns the actions of the whole app, whichever view is open */
export function allActions(): PlacedAction[] {
  const makers: Record<PlacedAction['place'], Action[]> = {
    app: appActions(NOBODY),
    board: boardActions(NOBODY, nothing),
    task: taskActions(NOBODY, NOBODY, nothing),
    inbox: inboxActions(NOBODY, NOBODY),
    runs: runsActions(nothing, nothing),
    workers: workerActions(NOBODY, NOBODY, NOBODY),
    graph: graphActions({ zoomIn: nothing, zoomOut: nothing, fit: nothing, walk: nothing }),
    diff: diffActions(NOBODY),
  }
  return Object.entries(makers).flatMap(([place, actions]) =>
    actions.map((action) => ({ action, place: place as PlacedAction['place'] })),
  )
}

/** @returns the listed actions by group, without those that another line represents */
export function byGroup(all: readonly PlacedAction[]): [group: string, actions: PlacedAction[]][] {
  const groups: Record<string, PlacedAction[]> = {}
  for (const placed of all) if (!placed.action.unlisted) (groups[placed.action.group] ??= []).push(placed)
  return Object.entries(groups)
}
