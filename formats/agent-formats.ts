import type { Profile } from '../contract/index.ts'

// What each agent writes, a JSON object a line, when it is asked to. Seen of the tools themselves (agents.soak.ts runs
// them); where it is documented is said in docs/profiles.md.

/** What a tool says of itself at its end. */
export interface Usage {
  input_tokens: number | null
  cached_input_tokens: number | null
  output_tokens: number | null
  /** In US dollars, where the tool tells. */
  cost_usd: number | null
  turns: number | null
}

export type Json = Record<string, unknown>

/** Something that an agent says to people: an answer, an error. */
export interface Words {
  text: string
  /** It goes on with what was said by the line before. */
  continues?: boolean
}

export interface AgentFormat {
  usage: (events: readonly Json[]) => Usage | null
  /** @returns null for a line that says nothing to people: a call of a tool, its result, the start of a turn */
  words: (event: Json) => Words | null
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function sayable(text: unknown): Words | null {
  return typeof text === 'string' && text.trim() !== '' ? { text } : null
}

function sum(parts: readonly Json[], key: string): number {
  return parts.reduce((total, part) => total + (numberOrNull(part[key]) ?? 0), 0)
}

const claude: AgentFormat = {
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
  words: (event) => {
    if (event['type'] === 'result') return sayable(event['result'])
    if (event['type'] === 'assistant') {
      const content = object(event['message'])['content']
      const texts = (Array.isArray(content) ? content : [])
        .map(object)
        .filter(({ type }) => type === 'text')
        .map(({ text }) => text)
      return sayable(texts.join('\n'))
    }
    if (event['type'] === 'system' && event['subtype'] === 'api_retry') {
      const { error, error_status, attempt, max_retries } = event
      return sayable(
        `${String(error)} (${String(error_status)}), retry ${String(attempt)} of ${String(max_retries)}`,
      )
    }
    return null
  },
}

const codex: AgentFormat = {
  usage: (events) => {
    const turns = events.filter(({ type }) => type === 'turn.completed').map(({ usage }) => object(usage))
    if (turns.length === 0) return null
    return {
      input_tokens: sum(turns, 'input_tokens'),
      cached_input_tokens: sum(turns, 'cached_input_tokens'),
      output_tokens: sum(turns, 'output_tokens'),
      cost_usd: null,
      turns: turns.length,
    }
  },
  words: (event) => {
    if (event['type'] === 'error') return sayable(event['message'])
    if (event['type'] === 'turn.failed') return sayable(object(event['error'])['message'])
    if (event['type'] !== 'item.completed') return null
    const item = object(event['item'])
    if (item['type'] === 'agent_message') return sayable(item['text'])
    return item['type'] === 'error' ? sayable(item['message']) : null
  },
}

const gemini: AgentFormat = {
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
  words: (event) => {
    if (event['type'] === 'error') return sayable(event['message'])
    if (event['type'] === 'result') return sayable(object(event['error'])['message'])
    if (event['type'] !== 'message' || event['role'] !== 'assistant') return null
    const said = event['content']
    return typeof said === 'string' ? { text: said, continues: event['delta'] === true } : null
  },
}

const opencode: AgentFormat = {
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
  words: (event) => {
    if (event['type'] === 'text') return sayable(object(event['part'])['text'])
    if (event['type'] !== 'error') return null
    const error = object(event['error'])
    return sayable(object(error['data'])['message']) ?? sayable(error['name'])
  },
}

export const AGENT_FORMATS: Readonly<Record<Exclude<Profile['usage_parser'], 'none'>, AgentFormat>> = {
  'claude-json': claude,
  'codex-json': codex,
  'gemini-json': gemini,
  'opencode-json': opencode,
}
