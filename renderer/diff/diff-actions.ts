import type { Action } from '../shared/actions.svelte.ts'

/** Keyboard actions of a task's diff. */
export function diffActions(diff: { step: (by: 1 | -1) => unknown; back: () => unknown }): Action[] {
  const action = (id: string, label: string, key: string, run: () => unknown): Action => ({
    id: `diff.${id}`,
    label,
    group: 'Diff',
    keys: [key],
    scope: 'board',
    run,
  })
  return [
    action('next', 'Next file', 'j', () => diff.step(1)),
    action('previous', 'Previous file', 'k', () => diff.step(-1)),
    action('back', 'Back to the task', 'u', diff.back),
  ]
}
