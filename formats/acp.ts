import { agentError } from './agent-ending.ts'
import type { AgentFormat } from './agent-format.ts'
import { type Json, numberOrNull, object, objects, sum, textOrNull, word } from './json.ts'
import { endFacts, type LogPart, onOneLine, otherEvent, planWords } from './log-part.ts'

/** The words for why a turn ended. A turn that ended normally needs no reason. */
const REASONS: Readonly<Record<string, string>> = {
  cancelled: 'cancelled',
  max_tokens: 'out of tokens',
  max_turn_requests: 'too many requests in one turn',
  refusal: 'the agent refused',
}

function diffText(diffs: unknown): string {
  return objects(diffs)
    .map(({ path, removed, added }) => {
      const marked = (text: unknown, mark: string) =>
        word(text ?? '')
          .split('\n')
          .filter((line, _index, all) => line !== '' || all.length > 1)
          .map((line) => `${mark}${line}`)
      return [word(path), ...marked(removed, '-'), ...marked(added, '+')].join('\n')
    })
    .join('\n')
}

function resultPart(event: Json): LogPart {
  const texts = [textOrNull(event['text']), textOrNull(diffText(event['diffs']))]
  return {
    kind: 'result',
    ok: event['ok'] !== false,
    text: texts.filter((text) => text !== null).join('\n'),
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

function permissionPart({ title, decision, why }: Json): LogPart {
  const words = [word(title ?? ''), textOrNull(why)].filter((text) => text !== null)
  return { kind: 'other', name: `permission ${word(decision)}:`, text: onOneLine(words.join(': '), 300) }
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
      return { kind: 'asked', text }
    case 'said':
      return { kind: 'said', text, ...(continues && { continues }) }
    case 'thought':
      return { kind: 'thinking', text }
    case 'call':
      return { kind: 'call', name: word(event['name']), text }
    case 'result':
      return resultPart(event)
    case 'permission':
      return permissionPart(event)
    case 'plan':
      return { kind: 'call', name: 'plan', text: planWords(event['entries']) }
    case 'note':
      return { kind: 'other', name: '', text: onOneLine(text, 300) }
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
        return null
      default:
        return { kind: 'working' }
    }
  },
  parts: (event) => [partOf(event)],
}
