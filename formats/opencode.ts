import { agentError } from './agent-ending.ts'
import type { AgentSignal, AgentFormat } from './agent-format.ts'
import { type Json, numberOrNull, object, sum, textOrNull, word } from './json.ts'
import { callPart, endFacts, errorMessage, innerMessage, type LogPart, otherEvent } from './log-part.ts'

/** A call and its result come in one event, once there is a result. */
function toolParts(part: Json): LogPart[] {
  const state = object(part['state'])
  const call = callPart(word(part['tool']), object(state['input']))
  const error = errorMessage(state['error'])
  if (error !== null) return [call, { kind: 'result', ok: false, text: error }]
  if (typeof state['output'] !== 'string') return [call]
  const exit = numberOrNull(object(state['metadata'])['exit'])
  const ok = state['status'] !== 'error' && part['tool'] !== 'invalid' && (exit === null || exit === 0)
  const text = exit === null || exit === 0 ? state['output'] : `exit ${exit}\n${state['output']}`
  return [call, { kind: 'result', ok, text }]
}

function stepEnd(part: Json): LogPart {
  const { reason, cost } = part
  const facts = endFacts({ tokens: object(part['tokens'])['total'], cost })
  if (reason === 'stop') return { kind: 'end', ok: true, facts }
  return { kind: 'other', name: 'step finished', text: [word(reason), ...facts].join(' · ') }
}

/** Reasons to end a step after which the model is asked again. */
const GOES_ON = ['tool-calls', 'unknown']

/** Reasons to end a step that leave the work unfinished, in words. */
const CUT_SHORT: Readonly<Record<string, string>> = {
  length: 'The answer was cut off at the model’s limit of output tokens',
  'content-filter': 'The answer was stopped by the content filter',
  error: 'The step ended with an error',
}

function stepSignal({ reason }: Json): AgentSignal {
  const name = word(reason)
  const message = CUT_SHORT[name]
  if (message !== undefined) return agentError({ message, code: name })
  return { kind: GOES_ON.includes(name) ? 'working' : 'success' }
}

function errorSignal(event: Json): AgentSignal {
  const error = object(event['error'])
  const { statusCode, responseHeaders, responseBody } = object(error['data'])
  const code = textOrNull(error['name'])
  const details = [
    ...Object.entries(object(responseHeaders)).map(([name, value]) => `${name}: ${word(value)}`),
    ...(typeof responseBody === 'string' ? [responseBody] : []),
  ]
  return agentError({
    message: innerMessage(event['error']) ?? code ?? 'It wrote an error without a message',
    code,
    isRateLimit: typeof statusCode === 'number' ? statusCode === 429 : null,
    details: textOrNull(details.join('\n')),
  })
}

/** OpenCode, `run --format json`. */
export const opencode: AgentFormat = {
  owns: ({ type, sessionID, part, error }) =>
    typeof sessionID === 'string' && (typeof part === 'object' || (type === 'error' && error !== undefined)),
  session: ({ sessionID }) => (typeof sessionID === 'string' ? { id: sessionID, version: null } : null),
  usage: (events) => {
    const steps = events.filter(({ type }) => type === 'step_finish').map(({ part }) => object(part))
    if (steps.length === 0) return null
    const tokens = steps.map((step) => object(step['tokens']))
    return {
      input_tokens: sum(tokens, 'input'),
      cached_input_tokens: sum(
        tokens.map(({ cache }) => object(cache)),
        'read',
      ),
      output_tokens: sum(tokens, 'output'),
      cost_usd: sum(steps, 'cost'),
      turns: steps.length,
    }
  },
  signal: (event) => {
    switch (event['type']) {
      case 'step_start':
      case 'text':
      case 'reasoning':
      case 'tool_use':
        return { kind: 'working' }
      case 'step_finish':
        return stepSignal(object(event['part']))
      case 'error':
        return errorSignal(event)
      default:
        return null
    }
  },
  parts: (event) => {
    const part = object(event['part'])
    const text = textOrNull(part['text'])
    switch (event['type']) {
      case 'text':
        return text === null ? [] : [{ kind: 'said', text }]
      case 'reasoning':
        return text === null ? [] : [{ kind: 'thinking', text }]
      case 'tool_use':
        return toolParts(part)
      case 'step_start':
        return [{ kind: 'other', name: 'step started', text: '' }]
      case 'step_finish':
        return [stepEnd(part)]
      case 'error': {
        const { error } = event
        return [
          {
            kind: 'error',
            text: errorMessage(error) ?? textOrNull(object(error)['name']) ?? JSON.stringify(event),
          },
        ]
      }
      default: {
        const name = word(event['type']).replaceAll('_', ' ')
        return [otherEvent(part, name, ['id', 'messageID', 'sessionID'])]
      }
    }
  },
}
