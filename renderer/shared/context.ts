import { createContext } from 'svelte'
import type { Card, Client, DispatcherState, ProfileState } from '../../contract/index.ts'
import type { LiveFeed } from './live.svelte.ts'
import type { Router } from './router.svelte.ts'
import type { VerbRunner } from './verb-runner.svelte.ts'

/** The board that is open: what every view of it may read, live. */
export interface OpenBoard {
  readonly slug: string
  readonly feed: LiveFeed
  readonly profiles: readonly ProfileState[]
  readonly dispatcher: DispatcherState | null
  /** The card of a task, if it is on the board and loaded; read in a template it stays up to date. */
  card(id: string): Card | undefined
}

/** What components reach without being handed it: who answers calls, where we are, and the open board. */
export interface Runboard {
  readonly client: Client
  readonly router: Router
  /** Does verbs on tasks of the open board: asks, says what came of it, offers undo. */
  readonly verbs: VerbRunner
  /** null until the first board is read, and while there is none. */
  readonly board: OpenBoard | null
}

export const [getRunboard, setRunboard] = createContext<Runboard>()
