import { keyBindings } from '../shared/key-bindings.svelte.ts'
import type { PlacedAction } from './all-keys.ts'

/** Whether the keys of both actions can work at the same time. */
function meet(one: PlacedAction, other: PlacedAction): boolean {
  const [scope, otherScope] = [one.action.scope ?? 'app', other.action.scope ?? 'app']
  // The keys of the open task and those of the view beside it never work at the same time.
  if (scope !== otherScope && scope !== 'app' && otherScope !== 'app') return false
  return (
    one.place === other.place || [one.place, other.place].some((each) => each === 'app' || each === 'task')
  )
}

/** Whether two keys conflict: they are the same, or one is the beginning of the other. */
export function collide(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other} `) || other.startsWith(`${one} `)
}

/**
 * @param key the key that a person wants for an action
 * @returns another action whose keys conflict with it; undefined when the key is free
 */
export function holderOf(
  key: string,
  wanted: PlacedAction,
  all: readonly PlacedAction[],
): PlacedAction | undefined {
  const { id } = wanted.action
  return all.find(
    (other) =>
      other.action.id !== id &&
      other.action.shiftOf !== id &&
      meet(wanted, other) &&
      keyBindings.of(other.action).some((taken) => collide(taken, key)),
  )
}
