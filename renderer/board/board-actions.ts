import { type Action, actions } from '../shared/actions.svelte.ts'
import { refusal, type Verb, VERB_KEYS, VERB_SPECS, VERBS } from '../shared/verbs.ts'
import { priorityChoices } from '../shared/ask-priority.ts'
import { hasWorkToMerge } from '../shared/merge-words.ts'
import { named, plannersOf } from './board-menu.ts'
import type { BoardController } from './board-controller.svelte.ts'
import type { Direction } from './walk.svelte.ts'

const STEPS: readonly [Direction, string, readonly string[]][] = [
  ['down', 'Next card', ['j', 'arrowdown']],
  ['up', 'Previous card', ['k', 'arrowup']],
  ['right', 'Next column', ['l', 'arrowright']],
  ['left', 'Previous column', ['h', 'arrowleft']],
  ['first', 'First card', ['home']],
  ['last', 'Last card', ['end']],
]

/** Keyboard actions of the board. */
export function boardActions(board: BoardController, focusFilter: () => void): Action[] {
  const has = () => board.targets.length > 0
  const here = () => board.walk.current !== null && board.store.cell(board.walk.current) !== undefined
  const walk = STEPS.flatMap(([direction, label, keys]): Action[] => [
    {
      id: `board.${direction}`,
      label,
      group: 'Board',
      keys,
      scope: 'board',
      hidden: true,
      run: () => board.walk.step(direction),
    },
    {
      id: `board.extend-${direction}`,
      label: `${label}, selecting`,
      unlisted: true,
      group: 'Board',
      keys: keys.map((key) => `shift+${key}`),
      shiftOf: `board.${direction}`,
      scope: 'board',
      hidden: true,
      run: () => board.walk.step(direction, true),
    },
  ])
  const verbs = VERBS.map((verb: Verb): Action => {
    const keys = VERB_KEYS[verb]
    const open = () => board.targets.filter((card) => refusal(verb, card) === null)
    return {
      id: `task.${verb}`,
      label: VERB_SPECS[verb].label,
      group: 'Task',
      ...(keys === undefined ? {} : { keys: [keys] }),
      scope: 'board',
      enabled: () => open().length > 0,
      run: () => board.run(verb, open()),
    }
  })
  return [
    ...walk,
    {
      id: 'board.extend',
      label: 'Select while moving: Shift with any of these',
      group: 'Board',
      keys: ['shift'],
      fixed: true,
      scope: 'board',
      hidden: true,
      enabled: () => false, // stands in the list for all unlisted actions
      run: () => undefined,
    },
    ...([1, -1] as const).map((by): Action => ({
      id: `board.rank-${by === 1 ? 'down' : 'up'}`,
      label: by === 1 ? 'Move down in its column' : 'Move up in its column',
      group: 'Board',
      keys: by === 1 ? ['alt+arrowdown', 'alt+j'] : ['alt+arrowup', 'alt+k'],
      scope: 'board',
      enabled: here,
      run: () => board.ranking.step(by),
    })),
    {
      id: 'board.open',
      label: 'Open',
      group: 'Board',
      keys: ['enter', 'o'],
      scope: 'board',
      hidden: true,
      enabled: here,
      run: () => board.walk.current !== null && board.open(board.walk.current),
    },
    {
      id: 'board.select',
      label: 'Select',
      group: 'Board',
      keys: ['x'],
      scope: 'board',
      hidden: true,
      enabled: here,
      run: () => board.walk.current !== null && board.walk.toggle(board.walk.current),
    },
    {
      id: 'board.select-column',
      label: 'Select the whole column',
      group: 'Board',
      keys: ['mod+a'],
      scope: 'board',
      enabled: here,
      run: () => board.selectColumn(),
    },
    { id: 'board.filter', label: 'Filter', group: 'Board', keys: ['/', 'mod+f'], run: focusFilter },
    {
      id: 'board.menu',
      label: 'Actions of the card',
      group: 'Task',
      keys: ['.', 'shift+f10'],
      scope: 'board',
      hidden: true,
      enabled: has,
      run: () => board.openMenuHere('actions'),
    },
    {
      id: 'board.move',
      label: 'Move to…',
      group: 'Task',
      keys: ['m'],
      scope: 'board',
      enabled: has,
      run: () => board.openMenuHere('move'),
    },
    {
      id: 'board.assign',
      label: 'Assign to…',
      group: 'Task',
      keys: ['a'],
      scope: 'board',
      enabled: has,
      run: () => board.openMenuHere('assign'),
    },
    {
      id: 'board.plan',
      label: 'Plan with…',
      group: 'Task',
      scope: 'board',
      enabled: () => has() && board.targets.every(({ status }) => status === 'triage'),
      choices: () =>
        plannersOf(board).map(({ name }) => ({
          label: `Plan with ${name}`,
          run: () => board.verbs.plan(board.targets, name),
        })),
      run: () => board.openMenuHere('plan'),
    },
    {
      id: 'board.priority',
      label: 'Set the priority…',
      group: 'Task',
      scope: 'board',
      enabled: has,
      choices: () => priorityChoices(board.verbs, board.targets, named(board.targets)),
      run: () => actions.run('app.palette'), // it lists the choices
    },
    {
      id: 'board.review',
      label: 'Review and merge its changes…',
      group: 'Task',
      scope: 'board',
      enabled: () => board.targets.length === 1 && board.targets.every(hasWorkToMerge),
      run: () =>
        board.router.go({ view: 'diff', task: board.targets[0]?.id ?? null, attempt: null, query: {} }),
    },
    ...verbs,
    {
      id: 'board.needs-me',
      label: 'Show only what needs me',
      group: 'Filter',
      keys: ['f n'],
      run: () => board.filter.set({ needsMe: !board.filter.filter.needsMe }),
    },
    {
      id: 'board.failed',
      label: 'Show only what failed',
      group: 'Filter',
      keys: ['f f'],
      run: () => board.filter.set({ failed: !board.filter.filter.failed }),
    },
    {
      id: 'board.archived',
      label: 'Show or hide archived tasks',
      group: 'Filter',
      run: () => board.store.toggleArchived(!board.store.showsArchived),
    },
    {
      id: 'board.layout',
      label: 'Switch between columns and list',
      group: 'Board',
      keys: ['v'],
      scope: 'board',
      run: () => board.list.toggle(),
    },
    {
      id: 'board.stages',
      label: 'Show the stages of a workflow',
      group: 'Board',
      keys: ['shift+v'],
      scope: 'board',
      run: () => board.list.setLayout(board.list.layout === 'stages' ? 'board' : 'stages'),
    },
    {
      id: 'board.lanes',
      label: 'Split Running into a lane for each profile',
      group: 'Filter',
      run: () => board.prefs.setLanes(!board.prefs.lanes),
    },
    {
      id: 'board.escape',
      label: 'Clear the selection, then the filter',
      group: 'Board',
      keys: ['escape'],
      scope: 'board',
      hidden: true,
      run: () => board.escape(),
    },
  ]
}
