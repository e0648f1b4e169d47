import { createContext } from 'svelte'

/** What the nodes of a graph know of the picture that they stand in. */
export interface GraphContext {
  /** The task that Tab reaches. */
  entry: string | null
  /** The tasks before and after the open one; null where none is open. */
  readonly chain: ReadonlySet<string> | null
  /** Whether it waits, directly or not, for a task that needs a person. */
  isHeldUp(id: string): boolean
}

export const [getGraph, setGraph] = createContext<GraphContext>()
