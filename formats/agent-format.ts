import type { AgentSignal } from './agent-ending.ts'
import type { Json } from './json.ts'
import type { LogPart } from './log-part.ts'

/** What a tool says of itself at its end. */
export interface Usage {
  input_tokens: number | null
  cached_input_tokens: number | null
  output_tokens: number | null
  /** In US dollars, where the tool tells. */
  cost_usd: number | null
  turns: number | null
}

/** How one agent writes what it does, a JSON object a line. */
export interface AgentFormat {
  /** Whether the event can be this agent’s: no two formats take the same. */
  owns: (event: Json) => boolean
  usage: (events: readonly Json[]) => Usage | null
  /** What the event says about the end of the run; null where it says nothing about it. */
  signal: (event: Json) => AgentSignal | null
  /** What the event tells, in its order; an event that this version does not know is told as `other`. */
  parts: (event: Json) => LogPart[]
}
