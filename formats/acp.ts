import { agentError } from './agent-ending.ts'
import type { AgentFormat } from './agent-format.ts'
import { thousands } from './count.ts'
import { type Json, numberOrNull, object, objects, sum, textOrNull, word } from './json.ts'
import {
  DECISIONS,
  endFacts,
  type LogDiff,
  type LogPart,
  onOneLine,
  otherEvent,
  planPart,
} from './log-part.ts'

/** The words for why a turn ended. A turn that ended normally needs no reason. */
const REASONS: Readonly<Record<string, string>> = {
  cancelled: 'cancelled',
  max_tokens: 'out of tokens',
  max_turn_requests: 'too many requests in one turn',
  refusal: 'the agent refused',
}

function resultPart(event: Json): LogPart {
  const diffs = objects(event['diffs']).map(({ path, removed, added }): LogDiff => ({
    path: word(path ?? ''),
    removed: word(removed ?? ''),
    added: word(added ?? ''),
  }))
  return {
    kind: 'result',
    ok: event['ok'] !== false,
    text: word(event['text'] ?? ''),
    ...(diffs.length > 0 && { diffs }),
  }
}

function endPart(event: Json): LogPart {
  const usage = object(event['usage'])
  const tokens = sum([usage], 'input_tokens') + sum([usage], 'output_tokens')
  const reason = word(event['reason'])
  const why = reason === 'end_turn' ? [] : [REASONS[reason] ?? reason]
  return {
    kind: 'end',
    ok: why.length === 0,
    facts: [...why, ...endFacts({ tokens, cost: usage['cost_usd'] })],
  }
}

function questionPart(event: Json): LogPart {
  const decision = DECISIONS.find((known) => known === event['decision'])
  if (decision === undefined) return otherEvent(event, 'permission', ['acp'])
  return {
    kind: 'question',
    title: onOneLine(word(event['title'] ?? ''), 300),
    decision,
    why: textOrNull(event['why']) ?? '',
  }
}

function contextPart({ used, size }: Json): LogPart {
  const most = numberOrNull(size)
  const text = `${thousands(numberOrNull(used) ?? 0)}${most === null ? '' : ` of ${thousands(most)}`} tokens`
  return { kind: 'other', name: 'context:', text }
}

function startPart({ agent, session, how, mode }: Json): LogPart {
  const named = textOrNull(mode)
  const sessionFact = `session ${word(session)}${how === 'new' ? '' : `, ${word(how)}`}`
  return {
    kind: 'start',
    facts: [word(agent), sessionFact, ...(named === null ? [] : [`mode ${named}`])],
  }
}

function partOf(event: Json): LogPart {
  const text = word(event['text'] ?? '')
  const continues = event['continues'] === true
  switch (event['acp']) {
    case 'start':
      return startPart(event)
    case 'asked':
      return { kind: 'asked', text }
    case 'told':
      return { kind: 'told', text, how: word(event['how'] ?? '') }
    case 'said':
      return { kind: 'said', text, ...(continues && { continues }) }
    case 'thought':
      return { kind: 'thinking', text }
    case 'call':
      return { kind: 'call', name: word(event['name']), text }
    case 'result':
      return resultPart(event)
    case 'permission':
      return questionPart(event)
    case 'plan':
      return planPart(event['entries'])
    case 'note':
      return { kind: 'other', name: '', text: onOneLine(text, 300) }
    case 'context':
      return contextPart(event)
    case 'end':
      return endPart(event)
    case 'error':
      return { kind: 'error', text: textOrNull(event['message']) ?? JSON.stringify(event) }
    default:
      return otherEvent(event, word(event['acp']), ['acp'])
  }
}

/** The format of the log lines of the bridge (`acp-lines.ts`). */
export const acp: AgentFormat = {
  owns: (event) => typeof event['acp'] === 'string' && event['type'] === undefined,
  session: ({ acp: kind, agent, session }) => {
    if (kind !== 'start' || typeof session !== 'string') return null
    // As in “Claude Agent 0.101.0”. For an agent with an adapter, this is the version of the adapter.
    return { id: session, version: / (\d[\w.+-]*)$/.exec(word(agent))?.[1] ?? null }
  },
  usage: (events) => {
    const turns = events.filter((event) => event['acp'] === 'end')
    const reported = turns.map(({ usage }) => object(usage)).filter((usage) => Object.keys(usage).length > 0)
    if (reported.length === 0) return null
    // A number that no turn reports is unknown, not 0.
    const total = (key: string) =>
      reported.some((usage) => numberOrNull(usage[key]) !== null) ? sum(reported, key) : null
    return {
      input_tokens: total('input_tokens'),
      cached_input_tokens: total('cached_input_tokens'),
      output_tokens: total('output_tokens'),
      cost_usd: total('cost_usd'),
      turns: turns.length,
    }
  },
  context: ({ acp: kind, used, size }) => {
    const known = numberOrNull(used)
    return kind !== 'context' || known === null ? null : { used: known, size: numberOrNull(size) }
  },
  signal: (event) => {
    switch (event['acp']) {
      case 'error': {
        const limit = event['rate_limit']
        return agentError({
          message: textOrNull(event['message']) ?? 'It reported an error without a message',
          code: textOrNull(event['code']),
          isRateLimit: typeof limit === 'boolean' ? limit : null,
          resetsAt: numberOrNull(event['resets_at']),
          details: textOrNull(event['details']),
          isFinal: event['final'] === true,
        })
      }
      case 'end':
        return event['reason'] === 'end_turn' ? { kind: 'success' } : { kind: 'working' }
      case 'note':
      case 'told':
      case 'context':
        return null
      default:
        return { kind: 'working' }
    }
  },
  parts: (event) => [partOf(event)],
}
