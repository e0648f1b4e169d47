import type { Json } from '../../formats/json.ts'

/** What the agent wants to do, in the terms of the profile's rules. */
export interface Wanted {
  /** `Bash`, `Edit`, `Read`, `WebFetch`, or the name of any other tool. */
  tool_name: string
  input: Json
  /** The call as the agent describes it. */
  title: string
}

export type Verdict =
  | { kind: 'allowed'; why: string }
  | { kind: 'refused'; why: string }
  /** No decision is needed any more: the agent withdrew its request, or the run is over. */
  | { kind: 'withdrawn'; why: string }

/** A form as a person filled it in, or why nobody did. */
export type FormAnswer = { kind: 'answered'; form: Json } | { kind: 'withdrawn'; why: string }

/** A message from a person to this run. */
export interface Message {
  id: number
  text: string
  /** End the current turn for it, if the agent takes no message during a turn. */
  now: boolean
}

/** The board as the bridge uses it, as the worker of its run. */
export interface BoardLink {
  /** Whether the run is still open: it has not reported, and nobody has taken the task away. */
  isOpen: () => Promise<boolean>
  heartbeat: () => Promise<void>
  /** The rules of the profile decide, else a person. Resolves when it is decided. */
  mayUse: (wanted: Wanted, signal: AbortSignal) => Promise<Verdict>
  fillIn: (title: string, schema: Json, signal: AbortSignal) => Promise<FormAnswer>
  /** Messages to this run, oldest first, until `signal` is aborted. */
  messages: (signal: AbortSignal) => AsyncIterable<Message>
  /**
   * Records that the agent has a message. Until then, the next attempt would get it again.
   *
   * @param how when it got it, such as “during the turn”
   * @param signal aborted when the bridge ends
   */
  delivered: (message: Message, how: string, signal: AbortSignal) => Promise<void>
}
