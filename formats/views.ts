/** The views of the window: the tabs, the commands, the addresses and the menu of the desktop app name the same ones. */

interface ViewEntry {
  /** Its name in addresses. */
  view: string
  /** Its name in the header and in the menu, if it has a tab. */
  tab?: string
  /** The command that opens it. */
  command?: { label: string; keys: string }
}

/** All views, in the order of their tabs and commands. `renderer/app/Main.svelte` has the page of each. */
export const VIEWS = [
  { view: 'board', tab: 'Board', command: { label: 'Go to the board', keys: 'g b' } },
  { view: 'inbox', tab: 'Inbox', command: { label: 'Go to the inbox', keys: 'g i' } },
  { view: 'runs', tab: 'Runs', command: { label: 'Go to the runs', keys: 'g r' } },
  { view: 'workers', tab: 'Workers', command: { label: 'Go to the workers', keys: 'g w' } },
  { view: 'graph', tab: 'Graph', command: { label: 'Go to the graph', keys: 'g g' } },
  { view: 'workflows', tab: 'Workflows', command: { label: 'Go to the workflows', keys: 'g f' } },
  { view: 'usage', tab: 'Usage', command: { label: 'Go to the usage', keys: 'g u' } },
  { view: 'diff' },
  { view: 'settings', command: { label: 'Go to the settings', keys: 'g s' } },
] as const satisfies readonly ViewEntry[]

export type View = (typeof VIEWS)[number]['view']

/** The views that have a tab, in order. */
export const TABS = VIEWS.filter((entry) => 'tab' in entry)

export type TabView = (typeof TABS)[number]['view']

export function isView(name: string | undefined): name is View {
  return VIEWS.some(({ view }) => view === name)
}
