import type { AgentFormat } from './agent-format.ts'
import type { Json } from './json.ts'

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

/**
 * How an agent's run ended, according to its own events. `unfinished`: the agent started, but reported neither success
 * nor an error.
 */
export type AgentEnding = { kind: 'success' } | { kind: 'unfinished' } | AgentError

/** What one event says about the end of the run. `limit`: a rate limit began or ended. */
export type AgentSignal =
  | AgentError
  | { kind: 'success' }
  | { kind: 'working' }
  | { kind: 'limit'; isReached: boolean; resetsAt: number | null; message: string }

/** No event that matters has a longer text. A message is cut to this many characters before it is searched. */
const LONGEST_MESSAGE = 4_000
const LONGEST_DETAILS = 8_000

/** @returns an agent's error, with its texts cut to a length that is safe to search */
export function agentError(error: Partial<AgentError> & { message: string }): AgentError {
  const { message, details = null, ...rest } = error
  return {
    kind: 'error',
    code: null,
    isRateLimit: null,
    resetsAt: null,
    isFinal: false,
    ...rest,
    message: message.slice(0, LONGEST_MESSAGE),
    details: details?.slice(0, LONGEST_DETAILS) ?? null,
  }
}

/**
 * The last event that says something about the end decides: an error that the agent recovered from does not count as a
 * failure, and one with nothing after it does.
 *
 * @param events of one agent, oldest first; the start of the run may be missing
 * @returns null when no event says anything
 */
export function agentEnding(format: AgentFormat, events: readonly Json[]): AgentEnding | null {
  let ending: AgentEnding | null = null
  let limit: AgentError | null = null
  for (const event of events) {
    const signal = format.signal(event)
    if (signal === null) continue
    if (signal.kind === 'limit') {
      const { isReached, message, resetsAt } = signal
      limit = isReached ? agentError({ message, resetsAt, isRateLimit: true }) : null
      if (limit !== null && ending?.kind !== 'success') ending = limit
    } else {
      ending = next(ending, signal)
    }
  }
  return ending?.kind === 'error' ? withLimit(ending, limit) : ending
}

function next(before: AgentEnding | null, signal: Exclude<AgentSignal, { kind: 'limit' }>): AgentEnding {
  switch (signal.kind) {
    case 'working':
      return { kind: 'unfinished' }
    case 'success':
      return before?.kind === 'error' && before.isFinal ? before : signal
    case 'error':
      // One failure is often reported twice: by the message that hit it, and by the event that ends the run.
      return before?.kind === 'error' ? withLimit(signal, before) : signal
  }
}

/** @returns the error, completed with what an earlier event said about the rate limit */
function withLimit(error: AgentError, earlier: AgentError | null): AgentError {
  if (earlier === null || error.isRateLimit === false) return error
  return {
    ...error,
    isRateLimit: error.isRateLimit ?? earlier.isRateLimit,
    resetsAt: error.resetsAt ?? earlier.resetsAt,
    details: error.details ?? earlier.details,
  }
}
