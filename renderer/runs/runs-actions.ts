import type { Action } from '../shared/actions.svelte.ts'

/** Keyboard actions of the list of runs. */
export function runsActions(focusSearch: () => void, toggleGrouped: () => void): Action[] {
  return [
    { id: 'runs.search', label: 'Search runs', group: 'Runs', keys: ['/', 'mod+f'], run: focusSearch },
    {
      id: 'runs.group',
      label: 'Group by error, or list runs',
      group: 'Runs',
      keys: ['v'],
      run: toggleGrouped,
    },
  ]
}
