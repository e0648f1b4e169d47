// The log lines that the bridge (doors/acp) writes for an agent that speaks the Agent Client Protocol. The frames of the
// protocol itself would be 16 to 90 times as long.

/** How the error of a bridge begins whose agent refused to resume a session; the dispatcher then begins a fresh one. */
export const RESUME_REFUSED = 'The agent refused to resume session'

/** The change of a file by a tool call: the lines that differ, each side shortened. */
export interface AcpDiff {
  path: string
  removed: string
  added: string
}

/** Tokens and cost of one turn. null: the agent did not say. */
export interface AcpUsage {
  input_tokens: number | null
  cached_input_tokens: number | null
  output_tokens: number | null
  cost_usd: number | null
}

export interface AcpPlanEntry {
  content: string
  status: 'pending' | 'in_progress' | 'completed'
}

/** What an agent offers, by its answers to `initialize` and to the opening of its session. Long lists are cut. */
export interface AcpOffers {
  /** What it can do with sessions, in the words of the protocol: `load`, `resume`, `fork`, `list`, … */
  sessions: string[]
  modes: string[]
  models: string[]
}

/** How a request of the agent for a permission or an answer was settled. */
export type AcpDecision = 'allowed' | 'refused' | 'asked' | 'answered' | 'withdrawn'

export type AcpLine =
  | {
      acp: 'start'
      agent: string
      session: string
      how: 'new' | 'resumed' | 'loaded'
      mode: string | null
      offers: AcpOffers
    }
  /** A prompt that the bridge sent by itself, after the context of the task. */
  | { acp: 'asked'; text: string }
  | { acp: 'said'; text: string; continues?: true }
  | { acp: 'thought'; text: string; continues?: true }
  | { acp: 'call'; id: string; name: string; text: string; paths?: string[] }
  | { acp: 'result'; id: string; name: string; ok: boolean; text: string; diffs?: AcpDiff[] }
  | { acp: 'permission'; title: string; decision: AcpDecision; why: string }
  | { acp: 'plan'; entries: AcpPlanEntry[] }
  /** How many tokens the context of the session has, and how many it can have. Written when it has changed by some thousands. */
  | { acp: 'context'; used: number; size: number | null }
  /** A message of a person to the agent, and how it was handed over. */
  | { acp: 'told'; text: string; how: string }
  /** Anything else that a reader may want to know. */
  | { acp: 'note'; text: string }
  | { acp: 'end'; reason: string; usage?: AcpUsage }
  | {
      acp: 'error'
      message: string
      code: string | null
      rate_limit: boolean | null
      resets_at: number | null
      details: string | null
      /** Whether the error ended the agent. */
      final: boolean
    }
