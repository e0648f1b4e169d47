import type { AgentFormat } from './agent-format.ts'
import type { Json } from './json.ts'

/** Why an agent failed, as its own events say it. */
export interface AgentError {
  kind: 'error'
  /** The reason in the agent's own words, else its name for the error, else a sentence of ours. Never empty. */
  message: string
  /** The agent's name for this kind of error, such as `error_max_turns` or `APIError`. */
  code: string | null
  /** Whether the agent names it a rate limit; null where only the message can tell. */
  isRateLimit: boolean | null
  /** When the limit ends, in milliseconds since the epoch, where the event has a field for it. */
  resetsAt: number | null
  /** Other text of the event that may name a reset time, such as response headers. */
  details: string | null
  /** The agent does not try again after it, so a later success does not cancel it. */
  isFinal: boolean
}

/**
 * How an agent's run ended by its own events. `unfinished`: it had begun, and neither said that it is done nor why it
 * failed.
 */
export type AgentEnding = { kind: 'success' } | { kind: 'unfinished' } | AgentError

/** What one event says about the end of the run. `limit`: a rate limit began, or is over again. */
export type AgentSignal =
  | AgentError
  | { kind: 'success' }
  | { kind: 'working' }
  | { kind: 'limit'; isReached: boolean; resetsAt: number | null; message: string }

/** No event of interest has a longer text; a message is cut to this many characters before anything searches it. */
const LONGEST_MESSAGE = 4_000
const LONGEST_DETAILS = 8_000

/** @returns an error of an agent; texts are cut to a length that is safe to search */
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
 * The last event that says something about the end decides: an error that the agent recovered from is no failure, and
 * one that nothing follows is.
 *
 * @param events of one agent, oldest first; the start of the run may be missing
 * @returns null where no event says anything
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
      // One failure is often told twice: by the message that met it, and by the event that ends the run.
      return before?.kind === 'error' ? withLimit(signal, before) : signal
  }
}

/** @returns the error with what an earlier event knew about the rate limit behind it */
function withLimit(error: AgentError, earlier: AgentError | null): AgentError {
  if (earlier === null || error.isRateLimit === false) return error
  return {
    ...error,
    isRateLimit: error.isRateLimit ?? earlier.isRateLimit,
    resetsAt: error.resetsAt ?? earlier.resetsAt,
    details: error.details ?? earlier.details,
  }
}
