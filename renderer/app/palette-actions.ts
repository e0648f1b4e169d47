import type { Action } from '../shared/actions.svelte.ts'

/**
 * Chooses the actions that the palette offers, with the choices of each in its place.
 *
 * @param all the registered ones
 * @returns the actions at once, and those whose choices have to be read first
 */
export function offered(all: readonly Action[]): { now: Action[]; later: Promise<Action[]> } {
  const possible = all.filter((action) => !action.hidden && action.enabled?.() !== false)
  // Both act on the same task, as a rule.
  const isTaskOpen = possible.some(({ scope }) => scope === 'drawer')
  const own = possible.filter(({ group }) => !(isTaskOpen && group === 'Task'))
  const later: Promise<Action[]>[] = []
  const now = own.flatMap((action) => {
    const choices = action.choices?.()
    if (choices === undefined) return [action]
    if (!(choices instanceof Promise)) return asActions(action, choices)
    // An action whose choices cannot be read is left out; the view that it belongs to says what is wrong.
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
