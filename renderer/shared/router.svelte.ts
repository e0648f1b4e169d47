/* eslint-disable svelte/prefer-svelte-reactivity -- parameters are parsed and written here, the route is the state */
import { isView, type View } from '../../formats/views.ts'

/**
 * The location of the window. In the address: `#/board/<slug>[/<view>][/task/<id>[/run/<attempt>]][?filters]`, and
 * `#/settings[/<section>]`. `diff` is a view of one task, and has no drawer over it. A view without a board (`#/inbox`)
 * means the current one.
 */
export interface Route {
  view: View
  board: string | null
  task: string | null
  attempt: number | null
  /** The section of the settings. */
  section: string | null
  query: Readonly<Record<string, string>>
}

const HOME: Route = { view: 'board', board: null, task: null, attempt: null, section: null, query: {} }

/** @param hash the address's fragment, with or without its `#`; unknown parts are ignored */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2)
  const parts = path.split('/').filter(Boolean).map(decodePart)
  const route: Route = { ...HOME, query: Object.fromEntries(new URLSearchParams(search)) }
  if (parts[0] === 'board' && parts[1] !== undefined) route.board = parts.splice(0, 2)[1] ?? null
  if (isView(parts[0])) {
    route.view = parts[0]
    parts.shift()
  }
  if (route.view === 'settings') route.section = parts.shift() ?? null
  if (parts[0] === 'task') route.task = parts[1] ?? null
  if (parts[2] === 'run' && /^[1-9]\d*$/.test(parts[3] ?? '')) route.attempt = Number(parts[3])
  return route
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // a stray % in an address typed by hand is a plain character
  }
}

export function formatRoute(route: Route): string {
  const parts: string[] = []
  if (route.board !== null) parts.push('board', route.board)
  if (route.view !== 'board') parts.push(route.view)
  if (route.view === 'settings' && route.section !== null) parts.push(route.section)
  if (route.task !== null) {
    parts.push('task', route.task)
    if (route.attempt !== null) parts.push('run', String(route.attempt))
  }
  const search = new URLSearchParams(
    Object.entries(route.query).filter(([, value]) => value !== ''),
  ).toString()
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}

/** @returns the query with these parameters changed; an empty text removes a parameter */
export function withQuery(
  query: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...query, ...change }).filter(([, value]) => value !== ''))
}

/** The address as state: back and forward change it, and it changes the address. */
export class Router {
  route = $state.raw<Route>(parseRoute(window.location.hash))

  /** @returns a function that stops listening */
  start(): () => void {
    const read = () => (this.route = parseRoute(window.location.hash))
    window.addEventListener('hashchange', read)
    read()
    return () => window.removeEventListener('hashchange', read)
  }

  /** The address for these changes, for links. */
  href(change: Partial<Route>): string {
    return formatRoute({ ...this.route, ...change })
  }

  /** Navigates there; the back button returns. */
  go(change: Partial<Route>): void {
    const hash = this.href(change)
    if (hash === window.location.hash) return
    window.location.hash = hash
    this.route = parseRoute(hash)
  }

  /** As `go`, without a history entry: for changes at every key press. */
  replace(change: Partial<Route>): void {
    const hash = this.href(change)
    window.history.replaceState(null, '', hash)
    this.route = parseRoute(hash)
  }

  /** Opens another view of the same board, without an open task. */
  view(view: View, query: Record<string, string> = {}): void {
    this.go({ view, task: null, attempt: null, section: null, query })
  }

  openTask(task: string, attempt: number | null = null): void {
    this.go({ task, attempt })
  }

  closeTask(): void {
    this.go({ task: null, attempt: null })
  }
}
