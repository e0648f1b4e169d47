import Activity from '@lucide/svelte/icons/activity'
import Cpu from '@lucide/svelte/icons/cpu'
import Inbox from '@lucide/svelte/icons/inbox'
import SquareKanban from '@lucide/svelte/icons/square-kanban'
import Waypoints from '@lucide/svelte/icons/waypoints'

interface ViewEntry {
  /** Its name in addresses. */
  view: string
  /** Shown in the header, if it has a tab there. */
  tab?: { name: string; icon: typeof Inbox }
  /** The command that opens it. */
  command?: { label: string; keys: string }
}

/** All views, in the order of their tabs and commands. `app/Main.svelte` has the page of each. */
export const VIEWS = [
  {
    view: 'board',
    tab: { name: 'Board', icon: SquareKanban },
    command: { label: 'Go to the board', keys: 'g b' },
  },
  { view: 'inbox', tab: { name: 'Inbox', icon: Inbox }, command: { label: 'Go to the inbox', keys: 'g i' } },
  { view: 'runs', tab: { name: 'Runs', icon: Activity }, command: { label: 'Go to the runs', keys: 'g r' } },
  {
    view: 'workers',
    tab: { name: 'Workers', icon: Cpu },
    command: { label: 'Go to the workers', keys: 'g w' },
  },
  {
    view: 'graph',
    tab: { name: 'Graph', icon: Waypoints },
    command: { label: 'Go to the graph', keys: 'g g' },
  },
  { view: 'diff' },
  { view: 'settings', command: { label: 'Go to the settings', keys: 'g s' } },
] as const satisfies readonly ViewEntry[]

export type View = (typeof VIEWS)[number]['view']

export function isView(name: string | undefined): name is View {
  return VIEWS.some(({ view }) => view === name)
}
