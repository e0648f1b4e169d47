import { agentError } from './agent-ending.ts'
import type { AgentFormat } from './agent-format.ts'
import { type Json, numberOrNull, object, objects, sum, textOrNull, word } from './json.ts'
import {
  callPart,
  contentText,
  endFacts,
  errorMessage,
  innerMessage,
  type LogPart,
  otherEvent,
  planPart,
} from './log-part.ts'

/** Codex runs a command through a shell; the shell's own words say nothing about it. */
function withoutShell(command: string): string {
  const script = /^\S*\/(?:ba|z|da)?sh -l?c ([^]*)$/.exec(command)?.[1]
  if (script === undefined) return command
  const [quote, inner] = [script[0], script.slice(1, -1)]
  if (quote !== script.at(-1) || script.length < 2) return script
  if (quote === "'") return inner.replaceAll(`'\\''`, "'").replaceAll(`'"'"'`, "'")
  return quote === '"' ? inner.replace(/\\(["\\$`])/g, '$1') : script
}

function changeWords(changes: unknown): string {
  return objects(changes)
    .map(({ kind, path }) => `${word(kind)} ${word(path)}`)
    .join('\n')
}

const failed = ({ status }: Json) => status === 'failed' || status === 'declined'

/** How an item is shown when it begins; null for one that says nothing until it is complete. */
function beginningPart(item: Json): LogPart | null {
  switch (item['type']) {
    case 'command_execution':
      return callPart('shell', { command: withoutShell(word(item['command'])) })
    case 'file_change':
      return { kind: 'call', name: 'patch', text: changeWords(item['changes']).replaceAll('\n', ', ') }
    case 'mcp_tool_call': {
      const name = `${word(item['server'])}.${word(item['tool'])}`
      return callPart(name, object(item['arguments']))
    }
    case 'todo_list':
      return planPart(item['items'])
    default:
      return null
  }
}

function completedPart(item: Json): LogPart | null {
  const text = textOrNull(item['text'])
  switch (item['type']) {
    case 'agent_message':
      return text === null ? null : { kind: 'said', text }
    case 'reasoning':
      return text === null ? null : { kind: 'thinking', text }
    case 'error':
      return { kind: 'error', text: errorMessage(item) ?? JSON.stringify(item) }
    case 'command_execution': {
      const output = textOrNull(item['aggregated_output']) ?? ''
      const code = numberOrNull(item['exit_code'])
      const isZero = code === null || code === 0
      return {
        kind: 'result',
        ok: isZero && !failed(item),
        text: isZero ? output : `exit ${code}\n${output}`,
      }
    }
    case 'file_change':
      return { kind: 'result', ok: !failed(item), text: changeWords(item['changes']) }
    case 'mcp_tool_call': {
      const error = errorMessage(item['error'])
      const answer = contentText(object(item['result'])['content'])
      return { kind: 'result', ok: error === null && !failed(item), text: error ?? answer }
    }
    case 'web_search':
      return callPart('web search', item)
    case 'todo_list':
      return beginningPart(item)
    default:
      return null
  }
}

function itemPart(event: Json): LogPart {
  const item = object(event['item'])
  const stage = word(event['type']).slice('item.'.length)
  const part = stage === 'completed' ? completedPart(item) : stage === 'started' ? beginningPart(item) : null
  const plan = stage === 'updated' && item['type'] === 'todo_list' ? beginningPart(item) : null
  return part ?? plan ?? otherEvent(item, `${word(item['type']).replaceAll('_', ' ')} ${stage}`, ['id'])
}

/** Codex, `exec --json`. */
export const codex: AgentFormat = {
  owns: ({ type, item, message, timestamp, sessionID }) => {
    if (typeof type !== 'string') return false
    if (type.startsWith('item.')) return typeof item === 'object'
    if (/^(?:thread|turn)\.[a-z]+$/.test(type)) return true
    return (
      type === 'error' && typeof message === 'string' && timestamp === undefined && sessionID === undefined
    )
  },
  session: ({ type, thread_id }) =>
    type === 'thread.started' && typeof thread_id === 'string' ? { id: thread_id, version: null } : null,
  usage: (events) => {
    const turns = events.filter(({ type }) => type === 'turn.completed').map(({ usage }) => object(usage))
    const last = turns.at(-1)
    if (last === undefined) return null
    // Each turn reports the count of the whole thread.
    return {
      input_tokens: numberOrNull(last['input_tokens']),
      cached_input_tokens: numberOrNull(last['cached_input_tokens']),
      output_tokens: numberOrNull(last['output_tokens']),
      cost_usd: null,
      turns: turns.length,
    }
  },
  signal: (event) => {
    switch (event['type']) {
      case 'turn.completed':
        return { kind: 'success' }
      case 'turn.failed':
        return agentError({ message: innerMessage(event['error']) ?? 'The turn failed', isFinal: true })
      case 'error':
        return agentError({ message: innerMessage(event) ?? 'It wrote an error without a message' })
      default: {
        const type = word(event['type'])
        // An item of type error is only a warning: the turn continues.
        const isWork = type.startsWith('item.') && object(event['item'])['type'] !== 'error'
        return isWork || type.endsWith('.started') ? { kind: 'working' } : null
      }
    }
  },
  parts: (event) => {
    switch (event['type']) {
      case 'thread.started':
        return [{ kind: 'start', facts: [`thread ${word(event['thread_id'])}`] }]
      case 'turn.completed': {
        const usage = object(event['usage'])
        const tokens = sum([usage], 'input_tokens') + sum([usage], 'output_tokens')
        return [{ kind: 'end', ok: true, facts: endFacts({ tokens }) }]
      }
      case 'turn.failed': {
        const text = errorMessage(event['error'])
        const error: LogPart[] = text === null ? [] : [{ kind: 'error', text, again: true }]
        return [...error, { kind: 'end', ok: false, facts: [] }]
      }
      case 'error':
        return [{ kind: 'error', text: errorMessage(event) ?? JSON.stringify(event) }]
      default:
        if (word(event['type']).startsWith('item.')) return [itemPart(event)]
        return [otherEvent(event, word(event['type']).replaceAll('.', ' '))]
    }
  },
}
