import type { AgentSignal } from './agent-ending.ts'
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

/** How one agent writes its events: one JSON object per line. */
export interface AgentFormat {
  /** Whether the event is in this agent’s format. No two formats accept the same event. */
  owns: (event: Json) => boolean
  usage: (events: readonly Json[]) => Usage | null
  /** What the event says about the end of the run; null when it says nothing about it. */
  signal: (event: Json) => AgentSignal | null
  /** The parts of the event, in order. An event that this version does not know becomes `other`. */
  parts: (event: Json) => LogPart[]
}
