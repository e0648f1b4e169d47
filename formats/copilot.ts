import { agentError } from './agent-ending.ts'
import type { AgentFormat, AgentSignal } from './agent-format.ts'
import { type Json, numberOrNull, object, objects, textOrNull, word } from './json.ts'
import {
  callPart,
  contentText,
  endFacts,
  errorMessage,
  innerMessage,
  type LogPart,
  otherEvent,
} from './log-part.ts'

/** Fields of every event that are of no use to a reader. */
const IDS = ['id', 'parentId', 'timestamp', 'ephemeral']

/** Whether an event has a piece of a text that follows whole later, or only the state of a call. */
const isPiece = (type: string) => /_(?:delta|start)$|^model\.|\.(?:idle|turn_end)$/.test(type)

function messageParts(data: Json): LogPart[] {
  const text = textOrNull(data['content'])
  const thought = textOrNull(data['reasoningText'])
  return [
    ...(thought === null ? [] : [{ kind: 'thinking' as const, text: thought }]),
    ...(text === null ? [] : [{ kind: 'said' as const, text }]),
    ...objects(data['toolRequests']).map((call) => callPart(word(call['name']), object(call['arguments']))),
  ]
}

function toolResult(data: Json): LogPart {
  const ok = data['success'] !== false
  const content = object(data['result'])['content']
  const text = errorMessage(data['error']) ?? (typeof content === 'string' ? content : contentText(content))
  return { kind: 'result', ok, text }
}

function endParts(event: Json): LogPart {
  const { sessionDurationMs } = object(event['usage'])
  return { kind: 'end', ok: event['exitCode'] === 0, facts: endFacts({ duration_ms: sessionDurationMs }) }
}

function errorSignal(data: Json): AgentSignal {
  const code = textOrNull(data['errorType'])
  const status = numberOrNull(data['statusCode'])
  const isLimit = code === 'rate_limit' || code === 'quota'
  return agentError({
    message: innerMessage(data) ?? code ?? 'It wrote an error without a message',
    code,
    isRateLimit: isLimit ? true : status === null ? null : status === 429,
  })
}

/** GitHub Copilot CLI, `--output-format json`. It names its session only at the end. */
export const copilot: AgentFormat = {
  owns: ({ type, data, timestamp, sessionId, exitCode }) => {
    if (type === 'result') return typeof sessionId === 'string' && typeof exitCode === 'number'
    return (
      typeof type === 'string' &&
      /^[a-z]+\.[a-z_.]+$/.test(type) &&
      typeof data === 'object' &&
      data !== null &&
      typeof timestamp === 'string'
    )
  },
  session: ({ type, sessionId }) =>
    type === 'result' && typeof sessionId === 'string' ? { id: sessionId, version: null } : null,
  usage: (events) => {
    const result = events.filter(({ type }) => type === 'result').pop()
    if (result === undefined) return null
    const usage = object(result['usage'])
    return {
      input_tokens: numberOrNull(usage['inputTokens']),
      cached_input_tokens: numberOrNull(usage['cacheReadTokens']),
      output_tokens: numberOrNull(usage['outputTokens']),
      cost_usd: null,
      turns: events.filter(({ type }) => type === 'assistant.turn_end').length,
    }
  },
  signal: (event) => {
    const type = word(event['type'])
    if (type === 'session.error') return errorSignal(object(event['data']))
    // The reason of a failure is in the error event before the result.
    if (type === 'result') return event['exitCode'] === 0 ? { kind: 'success' } : null
    return type === 'assistant.message' || type.startsWith('tool.') ? { kind: 'working' } : null
  },
  parts: (event) => {
    const data = object(event['data'])
    const type = word(event['type'])
    switch (type) {
      case 'user.message':
        return [{ kind: 'asked', text: word(data['content']) }]
      case 'assistant.message':
        return messageParts(data)
      case 'tool.execution_complete':
        return [toolResult(data)]
      case 'session.error':
        return [{ kind: 'error', text: errorMessage(data) ?? JSON.stringify(data) }]
      case 'result':
        return [endParts(event)]
      default: {
        const name = type.replaceAll(/[._]/g, ' ')
        return [isPiece(type) ? { kind: 'other', name, text: '' } : otherEvent(data, name, IDS)]
      }
    }
  },
}
