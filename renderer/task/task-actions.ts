import type { Action } from '../shared/actions.svelte.ts'
import { VERB_KEYS, VERB_SPECS, VERBS } from '../shared/verbs.ts'
import { BoardRuns } from './board-runs.ts'
import { focusTask } from './drawer-focus.ts'
import { rarerActions } from './rarer-actions.ts'
import type { DrawerWidth } from './drawer-width.svelte.ts'
import type { TaskController } from './task-controller.svelte.ts'

const GROUP = 'Open task'

/** Keyboard actions while the focus is in the drawer. */
export function taskActions(task: TaskController, width: DrawerWidth, close: () => void): Action[] {
  const runs = new BoardRuns(task)
  const verbs = VERBS.map((verb): Action => {
    const keys = VERB_KEYS[verb]
    return {
      id: `open.${verb}`,
      label: VERB_SPECS[verb].label,
      group: GROUP,
      ...(keys === undefined ? {} : { keys: [keys] }),
      scope: 'drawer',
      enabled: () => task.refused(verb) === null,
      run: () => task.run(verb),
    }
  })
  const digits = Array.from({ length: 9 }, (_, index): Action => ({
    id: `open.run-${index + 1}`,
    label: index === 0 ? 'Open a run by its number, up to 9' : `Open run ${index + 1}`,
    unlisted: index > 0, // the first one stands for all
    group: GROUP,
    keys: [String(index + 1)],
    fixed: true,
    scope: 'drawer',
    hidden: true,
    enabled: () => task.store.phase === 'loading' || task.store.run(index + 1) !== undefined,
    run: () =>
      task.store.whenRead(() => {
        if (task.store.run(index + 1) !== undefined) task.open(index + 1)
      }),
  }))
  const step = (id: string, label: string, keys: string[], run: () => unknown): Action => ({
    id: `open.${id}`,
    label,
    group: GROUP,
    keys,
    scope: 'drawer',
    run,
  })
  return [
    ...verbs,
    ...digits,
    ...rarerActions(task, GROUP),
    step('earlier', 'Earlier run', ['arrowleft'], () => task.store.whenRead(() => task.walk(-1))),
    step('later', 'Later run', ['arrowright'], () => task.store.whenRead(() => task.walk(1))),
    // Beside the inbox these keys go to its next and previous entry.
    ...[
      step('next-run', 'Next run on the board', ['j', 'shift+j'], () => runs.go(1)),
      step('previous-run', 'Previous run on the board', ['k', 'shift+k'], () => runs.go(-1)),
    ].map((action) => ({ ...action, enabled: () => task.router.route.view !== 'inbox' })),
    step('next-failed', 'Next failed run on the board', ['n', 'shift+n'], () => runs.goFailed()),
    step('log', 'Open the log of the newest run', ['l'], () =>
      task.store.whenRead(() => {
        const last = task.store.runs.at(-1)
        if (last !== undefined) task.openLog({ attempt: last.attempt, at: 'end' })
      }),
    ),
    step('changes', 'Compare the newest run with the one before', ['shift+d'], () =>
      task.store.whenRead(() => {
        const last = task.store.runs.at(-1)
        if (last !== undefined) task.openChanges(last.attempt)
      }),
    ),
    {
      ...step('tell', 'Tell the worker…', ['t'], () => task.store.whenRead(() => focusTask('[data-tell]'))),
      enabled: () => task.store.phase === 'loading' || task.store.openRun !== null,
    },
    step('wide', 'Widen the task, or make it narrow again', ['w'], () => width.toggleWide()),
    { ...step('close', 'Close the task', ['escape'], close), hidden: true },
  ]
}
