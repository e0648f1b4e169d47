import { whenIdle } from '../shared/idle.ts'

/**
 * Parts of the page that the board does not wait for: loaded on first use, or by `loadAhead`. Not those in which keys follow
 * at once (the palette, the form of a new task, the runs, the inbox): what is typed must find them.
 */
export const lazyViews = {
  diff: () => import('../diff/DiffView.svelte'),
  graph: () => import('../graph/GraphView.svelte'),
  settings: () => import('../settings/SettingsView.svelte'),
  task: () => import('../task/TaskDrawer.svelte'),
  usage: () => import('../usage/UsageView.svelte'),
  workflows: () => import('../workflows/WorkflowsView.svelte'),
} as const

/** What is used most. The graph and the usage come with large libraries. */
const SOON = ['task', 'diff', 'settings'] as const

/** Loads parts of the page, one after another while the page is idle, so that their first use does not wait. */
export async function loadAhead(): Promise<void> {
  for (const name of SOON) {
    await whenIdle()
    await lazyViews[name]().catch(() => null) // told when it is used
  }
}
