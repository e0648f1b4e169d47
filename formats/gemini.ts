import { agentError } from './agent-ending.ts'
import type { AgentSignal, AgentFormat } from './agent-format.ts'
import { type Json, numberOrNull, object, textOrNull, word } from './json.ts'
import { callPart, endFacts, errorMessage, innerMessage, type LogPart, otherEvent } from './log-part.ts'

function endParts(event: Json): LogPart[] {
  const stats = object(event['stats'])
  const error = errorMessage(event['error'])
  const facts = endFacts({ tokens: stats['total_tokens'], duration_ms: stats['duration_ms'] })
  const said: LogPart[] = error === null ? [] : [{ kind: 'error', text: error, again: true }]
  return [...said, { kind: 'end', ok: event['status'] !== 'error', facts }]
}

function resultSignal(event: Json): AgentSignal {
  if (event['status'] !== 'error') return { kind: 'success' }
  const error = object(event['error'])
  const code = textOrNull(error['type'])
  return agentError({
    message: innerMessage(event['error']) ?? code ?? 'It says only that it failed',
    code,
    isRateLimit: code !== null && code.includes('Quota') ? true : null,
    isFinal: true,
  })
}

/**
 * An event of severity `error` ends the run, and so does the warning about a loop. The result after them still says
 * `success`.
 */
function errorSignal(event: Json): AgentSignal | null {
  const message = innerMessage(event) ?? 'It wrote an error without a message'
  if (event['severity'] === 'warning' && !message.startsWith('Loop detected')) return null
  return agentError({ message, isFinal: true })
}

/** Gemini CLI, `--output-format stream-json`. */
export const gemini: AgentFormat = {
  owns: ({ type, role, content, tool_name, tool_id, severity, status, session_id, uuid, subtype }) => {
    switch (type) {
      case 'init':
        return typeof session_id === 'string' && uuid === undefined
      case 'message':
        return typeof role === 'string' && typeof content === 'string'
      case 'tool_use':
        return typeof tool_name === 'string'
      case 'tool_result':
        return typeof tool_id === 'string'
      case 'error':
        return typeof severity === 'string'
      case 'result':
        return typeof status === 'string' && subtype === undefined
      default:
        return false
    }
  },
  session: ({ type, session_id }) =>
    type === 'init' && typeof session_id === 'string' ? { id: session_id, version: null } : null,
  usage: (events) => {
    const result = events.filter(({ type }) => type === 'result').pop()
    if (result === undefined) return null
    const stats = object(result['stats'])
    return {
      input_tokens: numberOrNull(stats['input_tokens']),
      cached_input_tokens: numberOrNull(stats['cached']),
      output_tokens: numberOrNull(stats['output_tokens']),
      cost_usd: null,
      turns: null,
    }
  },
  signal: (event) => {
    switch (event['type']) {
      case 'init':
      case 'message':
      case 'tool_use':
      case 'tool_result':
        return { kind: 'working' }
      case 'error':
        return errorSignal(event)
      case 'result':
        return resultSignal(event)
      default:
        return null
    }
  },
  parts: (event) => {
    switch (event['type']) {
      case 'init':
        return [{ kind: 'start', facts: [word(event['model'])] }]
      case 'message': {
        const text = word(event['content'])
        if (event['role'] !== 'assistant') return [{ kind: 'asked', text }]
        return [{ kind: 'said', text, continues: event['delta'] === true }]
      }
      case 'tool_use': {
        const name = word(event['tool_name'])
        return [callPart(name, object(event['parameters']))]
      }
      case 'tool_result': {
        const text = textOrNull(event['output']) ?? errorMessage(event['error']) ?? ''
        return [{ kind: 'result', ok: event['status'] !== 'error', text }]
      }
      case 'error':
        return [{ kind: 'error', text: errorMessage(event) ?? JSON.stringify(event) }]
      case 'result':
        return endParts(event)
      default:
        return [otherEvent(event, word(event['type']), ['timestamp'])]
    }
  },
}
