import { computeCommandScore } from 'bits-ui'
import type { Action } from '../shared/actions.svelte.ts'

/**
 * Finds the actions whose label or group contains every typed word, best match first. The score alone would also accept
 * letters that are scattered over a label, and Enter on the title of a task would then run an action.
 *
 * @returns all actions in their own order for a blank text
 */
export function rankActions(actions: readonly Action[], text: string): Action[] {
  const typed = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (typed.length === 0) return [...actions]
  return actions
    .map((action) => ({ action, words: `${action.label} ${action.group}` }))
    .filter(({ words }) => typed.every((word) => words.toLowerCase().includes(word)))
    .map(({ action, words }) => ({ action, score: computeCommandScore(words, typed.join(' ')) }))
    .sort((a, b) => b.score - a.score)
    .map(({ action }) => action)
}
