import type { Action } from '../shared/actions.svelte.ts'

/**
 * Finds the actions whose words contain every typed word; those that start with it come first.
 *
 * @returns all actions in their own order for a blank text
 */
export function rankActions(actions: readonly Action[], text: string): Action[] {
  const typed = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (typed.length === 0) return [...actions]
  const scored = actions.flatMap((action) => {
    const words = `${action.label} ${action.group}`.toLowerCase()
    if (!typed.every((word) => words.includes(word))) return []
    const starts = words.startsWith(typed[0] ?? '') ? 0 : words.includes(` ${typed[0] ?? ''}`) ? 1 : 2
    return [{ action, starts }]
  })
  return scored.sort((a, b) => a.starts - b.starts).map(({ action }) => action)
}
