import type { Json } from './json.ts'
import type { LogPart } from './log-part.ts'

/** Usage that a tool reports when it ends. */
export interface Usage {
  input_tokens: number | null
  cached_input_tokens: number | null
  output_tokens: number | null
  /** In US dollars, if the tool reports it. */
  cost_usd: number | null
  turns: number | null
}

/** How much of its context the session of an agent uses, in tokens. */
export interface ContextUse {
  used: number
  /** null: the agent does not say. */
  size: number | null
}

/** Why an agent failed, according to its own events. */
export interface AgentError {
  kind: 'error'
  /** The reason in the agent's own words, else the agent's name for the error, else our own wording. Never empty. */
  message: string
  /** The agent's name for this kind of error, such as `error_max_turns` or `APIError`. */
  code: string | null
  /** Whether the agent calls it a rate limit; null when only the message can show it. */
  isRateLimit: boolean | null
  /** When the limit ends (epoch ms), if the event has a field for it. */
  resetsAt: number | null
  /** Other text of the event that may contain a reset time, such as response headers. */
  details: string | null
  /** The agent does not retry after this error, so a later success does not cancel it. */
  isFinal: boolean
}

/** What one event says about the end of the run. `limit`: a rate limit began or ended. */
export type AgentSignal =
  | AgentError
  | { kind: 'success' }
  | { kind: 'working' }
  | { kind: 'limit'; isReached: boolean; resetsAt: number | null; message: string }

/** How one agent writes its events: one JSON object per line. */
export interface AgentFormat {
  /** Whether the event is in this agent’s format. No two formats accept the same event. */
  owns: (event: Json) => boolean
  usage: (events: readonly Json[]) => Usage | null
  /** What the event says about the use of the context; null when it says nothing. Left out by agents that never do. */
  context?: (event: Json) => ContextUse | null
  /** The session that the event names, and the version of the agent if the event states it; null when it names no session. */
  session: (event: Json) => { id: string; version: string | null } | null
  /** What the event says about the end of the run; null when it says nothing about it. */
  signal: (event: Json) => AgentSignal | null
  /** The parts of the event, in order. An event that this version does not know becomes `other`. */
  parts: (event: Json) => LogPart[]
}
