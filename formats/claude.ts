import { agentError } from './agent-ending.ts'
import type { AgentSignal, AgentFormat } from './agent-format.ts'
import { type Json, numberOrNull, object, objects, textOrNull, word } from './json.ts'
import { callPart, contentText, endFacts, innerMessage, type LogPart, otherEvent } from './log-part.ts'

/** Present on every event and of no use to a reader. */
const IDS = ['uuid', 'session_id', 'parent_tool_use_id', 'tool_use_id', 'task_id']

function blockPart(block: Json): LogPart[] {
  switch (block['type']) {
    case 'text': {
      const text = textOrNull(block['text'])
      return text === null ? [] : [{ kind: 'said', text }]
    }
    case 'thinking':
      return [{ kind: 'thinking', text: textOrNull(block['thinking']) ?? '(not shown)' }]
    case 'tool_use':
    case 'server_tool_use':
      return [callPart(word(block['name']), object(block['input']))]
    case 'tool_result':
      return [{ kind: 'result', ok: block['is_error'] !== true, text: resultText(block['content']) }]
    default:
      return [otherEvent(block, word(block['type']))]
  }
}

/** Claude Code wraps the error of a call in a tag. */
function resultText(content: unknown): string {
  return contentText(content).replace(/^<tool_use_error>([^]*)<\/tool_use_error>$/, '$1')
}

/** The last message already said the text of the result, if that message is in the log. */
function endParts(event: Json): LogPart[] {
  const text = textOrNull(event['result'])
  const ok = event['is_error'] !== true && event['subtype'] === 'success'
  const why = ok || event['subtype'] === 'success' ? [] : [word(event['subtype']).replaceAll('_', ' ')]
  const facts = endFacts({
    turns: event['num_turns'],
    cost: event['total_cost_usd'],
    duration_ms: event['duration_ms'],
  })
  const errors = Array.isArray(event['errors']) ? event['errors'].map(textOrNull) : []
  return [
    ...(text === null ? [] : [{ kind: ok ? ('said' as const) : ('error' as const), text, again: true }]),
    ...errors.flatMap((error): LogPart[] => (error === null ? [] : [{ kind: 'error', text: error }])),
    { kind: 'end', ok, facts: [...why, ...facts] },
  ]
}

function systemParts(event: Json): LogPart[] {
  const { subtype } = event
  if (subtype === 'init') {
    const version = textOrNull(event['claude_code_version'])
    const told = [textOrNull(event['model']), version && `version ${version}`, textOrNull(event['cwd'])]
    const facts = told.filter((fact) => fact !== null)
    return [{ kind: 'start', facts }]
  }
  if (subtype === 'api_retry') {
    const { error, error_status, attempt, max_retries } = event
    const text = `${word(error)} (${word(error_status)}), retry ${word(attempt)} of ${word(max_retries)}`
    return [{ kind: 'error', text }]
  }
  const name = word(subtype).replaceAll('_', ' ')
  const text = textOrNull(event['description']) ?? textOrNull(event['summary'])
  if (text !== null) return [{ kind: 'other', name, text }]
  return [otherEvent(event, name, [...IDS, 'subtype'])]
}

function messageParts(event: Json): LogPart[] {
  const { content } = object(event['message'])
  if (typeof content === 'string') {
    return [event['type'] === 'user' ? { kind: 'asked', text: content } : { kind: 'said', text: content }]
  }
  // User messages have text blocks too; only text of the agent counts as said.
  return objects(content).flatMap((block): LogPart[] =>
    event['type'] === 'user' && block['type'] === 'text'
      ? [{ kind: 'asked', text: word(block['text']) }]
      : blockPart(block),
  )
}

/**
 * For results without a message. The number is the run's count of turns: the event does not contain the limit itself.
 */
const SUBTYPES: Readonly<Record<string, (event: Json) => string>> = {
  error_max_turns: ({ num_turns }) => `Reached the maximum number of turns (${word(num_turns)})`,
  error_max_budget_usd: ({ total_cost_usd }) => `Reached the maximum budget ($${word(total_cost_usd)})`,
  error_during_execution: () => 'Failed during execution',
}

function resultSignal(event: Json): AgentSignal {
  const { subtype, result, errors, api_error_status: status } = event
  const isSuccess = subtype === undefined || subtype === 'success'
  if (isSuccess && event['is_error'] !== true) return { kind: 'success' }
  const told = Array.isArray(errors) ? errors.flatMap((error) => textOrNull(error) ?? []) : []
  const code = textOrNull(subtype)
  const name = code === null || isSuccess ? 'It says only that it failed' : code.replaceAll('_', ' ')
  return agentError({
    message:
      textOrNull(told.join('\n')) ??
      textOrNull(result) ??
      innerMessage(event['error']) ??
      SUBTYPES[code ?? '']?.(event) ??
      name,
    code: isSuccess ? null : code,
    // Qwen Code gives its reason in words only.
    isRateLimit: typeof status === 'number' ? status === 429 : isSuccess || 'error' in event ? null : false,
    isFinal: true,
  })
}

/** A failed API call comes as a message of the model, with the kind of failure beside it. */
function messageSignal(event: Json): AgentSignal {
  const code = textOrNull(event['error'])
  if (code === null || event['type'] === 'user') return { kind: 'working' }
  const message = textOrNull(contentText(object(event['message'])['content']))
  return agentError({ message: message ?? code, code, isRateLimit: code === 'rate_limit' })
}

function systemSignal(event: Json): AgentSignal | null {
  if (event['subtype'] === 'init') return { kind: 'working' }
  if (event['subtype'] !== 'api_retry') return null
  const [part] = systemParts(event)
  const code = textOrNull(event['error'])
  return agentError({
    message: part?.kind === 'error' ? part.text : 'A call failed',
    code,
    isRateLimit: code === 'rate_limit' || event['error_status'] === 429,
  })
}

/**
 * Written with every answer. Only `rejected` means that the limit is reached, and extra usage may still cover the call.
 */
function limitSignal(event: Json): AgentSignal {
  const { status, resetsAt, rateLimitType, isUsingOverage } = object(event['rate_limit_info'])
  const seconds = numberOrNull(resetsAt)
  return {
    kind: 'limit',
    isReached: status === 'rejected' && isUsingOverage !== true,
    resetsAt: seconds === null ? null : seconds * 1000,
    message: `Its ${word(rateLimitType ?? 'usage').replaceAll('_', ' ')} limit is reached`,
  }
}

/** Claude Code, `--output-format stream-json`, and `json`, which prints only the last event. */
export const claude: AgentFormat = {
  owns: ({ type, subtype, message, session_id, uuid }) => {
    if (type === 'assistant' || type === 'user') return typeof message === 'object'
    if (type === 'system' || type === 'result') return typeof subtype === 'string'
    return typeof session_id === 'string' && typeof uuid === 'string'
  },
  session: ({ type, subtype, session_id, claude_code_version, qwen_code_version }) => {
    // If the agent could not resume a session, only the result names it, and that session does not exist.
    if (type !== 'system' || subtype !== 'init' || typeof session_id !== 'string') return null
    return { id: session_id, version: textOrNull(claude_code_version) ?? textOrNull(qwen_code_version) }
  },
  usage: (events) => {
    const result = events.filter(({ type }) => type === 'result').pop()
    if (result === undefined) return null
    const usage = object(result['usage'])
    return {
      input_tokens: numberOrNull(usage['input_tokens']),
      cached_input_tokens: numberOrNull(usage['cache_read_input_tokens']),
      output_tokens: numberOrNull(usage['output_tokens']),
      cost_usd: numberOrNull(result['total_cost_usd']),
      turns: numberOrNull(result['num_turns']),
    }
  },
  // A subagent has a context of its own.
  context: ({ type, message, parent_tool_use_id }) => {
    if (type !== 'assistant' || typeof parent_tool_use_id === 'string') return null
    const usage = object(object(message)['usage'])
    const read = [
      ...['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'],
    ]
    const used = read.reduce((all, name) => all + (numberOrNull(usage[name]) ?? 0), 0)
    return used === 0 ? null : { used, size: null }
  },
  signal: (event) => {
    switch (event['type']) {
      case 'assistant':
      case 'user':
        return messageSignal(event)
      case 'system':
        return systemSignal(event)
      case 'rate_limit_event':
        return limitSignal(event)
      case 'result':
        return resultSignal(event)
      case 'error':
        return agentError({
          message: innerMessage(event['error']) ?? innerMessage(event) ?? 'It wrote an error',
        })
      default:
        return null
    }
  },
  parts: (event) => {
    switch (event['type']) {
      case 'assistant':
      case 'user':
        return messageParts(event)
      case 'system':
        return systemParts(event)
      case 'result':
        return endParts(event)
      default:
        return [otherEvent(event, word(event['type']).replaceAll('_', ' '), IDS)]
    }
  },
}
