import { createContext } from 'svelte'
import type { Card, Client, Conflict, DispatcherState, ProfileState } from '../../contract/index.ts'
import type { LiveFeed } from './live.svelte.ts'
import type { Router } from './router.svelte.ts'
import type { VerbRunner } from './verb-runner.svelte.ts'

/** The open board, as any of its views may read it; live. */
export interface OpenBoard {
  readonly slug: string
  readonly feed: LiveFeed
  readonly profiles: readonly ProfileState[]
  readonly dispatcher: DispatcherState | null
  /** The card of a task, if it is loaded; reactive when read in a template. */
  card(id: string): Card | undefined
  /** The conflicts that merging a task now would have; reactive. */
  conflictsOf(id: string): readonly Conflict[]
  /** The number of unseen entries in the inbox. */
  readonly unseen: number
  /** The ids of the tasks in review, in the order of their column. */
  readonly inReview: readonly string[]
  /** The merge method that applies unless a person chooses the other. */
  readonly mergeMethod: 'merge' | 'squash'
}

/** What every component can reach: the client, the router, and the open board. */
export interface Runboard {
  readonly client: Client
  readonly router: Router
  /** Runs verbs on tasks of the open board: asks, reports the result, offers undo. */
  readonly verbs: VerbRunner
  /** null until the first board is loaded, and while there is none. */
  readonly board: OpenBoard | null
}

export const [getRunboard, setRunboard] = createContext<Runboard>()
