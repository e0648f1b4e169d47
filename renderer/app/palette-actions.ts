import type { Action } from '../shared/actions.svelte.ts'

/**
 * Chooses the actions that the palette offers. An action with choices is replaced by one action per choice.
 *
 * @param all the registered actions
 * @returns `now`: actions that are known at once; `later`: actions whose choices must be read first
 */
export function offered(all: readonly Action[]): { now: Action[]; later: Promise<Action[]> } {
  const possible = all.filter((action) => !action.hidden && action.enabled?.() !== false)
  // With a task open, an action of the view and one of the open task usually act on the same task.
  const isTaskOpen = possible.some(({ scope }) => scope === 'drawer')
  const own = possible.filter(({ group }) => !(isTaskOpen && group === 'Task'))
  const later: Promise<Action[]>[] = []
  const now = own.flatMap((action) => {
    const choices = action.choices?.()
    if (choices === undefined) return [action]
    if (!(choices instanceof Promise)) return asActions(action, choices)
    // Leaves out an action whose choices cannot be read; its view shows the error.
    later.push(choices.then((read) => asActions(action, read)).catch(() => []))
    return []
  })
  return { now, later: Promise.all(later).then((read) => read.flat()) }
}

function asActions(
  { choices: _, keys: _keys, ...action }: Action,
  choices: readonly Pick<Action, 'label' | 'run'>[],
): Action[] {
  return choices.map(({ label, run }) => ({ ...action, id: `${action.id}: ${label}`, label, run }))
}
