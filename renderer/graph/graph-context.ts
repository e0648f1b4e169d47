import { createContext } from 'svelte'

/** What the nodes need to know about their graph. */
export interface GraphContext {
  /** The task that Tab reaches. */
  entry: string | null
  /** The tasks before and after the open one; null when none is open. */
  readonly chain: ReadonlySet<string> | null
  /** Whether it waits, directly or indirectly, for a task that needs a person. */
  isHeldUp(id: string): boolean
}

export const [getGraph, setGraph] = createContext<GraphContext>()
