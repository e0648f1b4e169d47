import type { AgentError, AgentFormat, AgentSignal } from './agent-format.ts'
import type { Json } from './json.ts'

/**
 * How an agent's run ended, according to its own events. `unfinished`: the agent started, but reported neither success
 * nor an error.
 */
export type AgentEnding = { kind: 'success' } | { kind: 'unfinished' } | AgentError

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
