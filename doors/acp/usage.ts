import type { AcpUsage } from '../../formats/acp-lines.ts'
import { type Json, numberOrNull, object } from '../../formats/json.ts'
import type { AgentKind } from './agents.ts'

const FIELDS = {
  input_tokens: ['inputTokens', 'input_tokens', 'promptTokens', 'promptTokenCount'],
  cached_input_tokens: ['cachedReadTokens', 'cacheReadInputTokens', 'cached_input_tokens', 'cachedTokens'],
  output_tokens: ['outputTokens', 'output_tokens', 'completionTokens', 'candidatesTokenCount'],
} as const

type Tokens = Omit<AcpUsage, 'cost_usd'>

/** Counts what a run costs, turn by turn. Agents report it in different places, and count different things. */
export class UsageMeter {
  readonly #usageOf: AgentKind['usageOf']
  /** The tokens since the agent was started, if it counts those. */
  #process: Tokens = { input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 }
  #cost: number | null
  #costBefore: number | null
  /** The sum of the tokens that updates of this turn reported. */
  #pieces: Tokens | null = null

  /** @param isNew whether the session begins with this run: then its whole cost belongs to this run */
  constructor(usageOf: AgentKind['usageOf'], isNew: boolean) {
    this.#usageOf = usageOf
    this.#cost = isNew ? 0 : null
    this.#costBefore = this.#cost
  }

  /** Takes any update of the agent. */
  note(update: Json): void {
    if (update['sessionUpdate'] === 'usage_update') {
      const { amount, currency } = object(update['cost'])
      const dollars = currency === undefined || currency === 'USD' ? numberOrNull(amount) : null
      if (dollars !== null) this.#cost = dollars
    }
    const pieces = tokensIn(object(object(update['_meta'])['usage']))
    if (pieces !== null) this.#pieces = added(this.#pieces, pieces)
  }

  /** @returns what the turn used; undefined when the agent said nothing about it */
  endTurn(answer: Json): AcpUsage | undefined {
    const meta = object(answer['_meta'])
    const reported =
      tokensIn(object(answer['usage'])) ??
      tokensIn(object(meta['usage'])) ??
      tokensIn(object(object(meta['quota'])['token_count']))
    const tokens = this.#tokensOfTurn(reported) ?? this.#pieces
    this.#pieces = null
    const cost =
      this.#cost === null || this.#costBefore === null || this.#cost < this.#costBefore
        ? null
        : this.#cost - this.#costBefore
    const hasCost = cost !== null && this.#cost !== 0
    this.#costBefore = this.#cost
    if (tokens === null && !hasCost) return undefined
    const none = { input_tokens: null, cached_input_tokens: null, output_tokens: null }
    return { ...none, ...tokens, cost_usd: hasCost ? cost : null }
  }

  #tokensOfTurn(reported: Tokens | null): Tokens | null {
    if (reported === null) return null
    // The last request is only a part of a turn: a number that is too small would be worse than none.
    if (this.#usageOf === 'request') return null
    if (this.#usageOf === 'turn') return reported
    const before = this.#process
    this.#process = reported
    return added(reported, before, -1)
  }
}

function tokensIn(usage: Json): Tokens | null {
  const value = (names: readonly string[]) =>
    names.map((name) => numberOrNull(usage[name])).find((number) => number !== null) ?? null
  const tokens = {
    input_tokens: value(FIELDS.input_tokens),
    cached_input_tokens: value(FIELDS.cached_input_tokens),
    output_tokens: value(FIELDS.output_tokens),
  }
  return tokens.input_tokens === null && tokens.output_tokens === null ? null : tokens
}

function added(to: Tokens | null, more: Tokens, sign: 1 | -1 = 1): Tokens {
  const sum = (key: keyof Tokens) => {
    const [a, b] = [to?.[key] ?? null, more[key]]
    if (a === null && b === null) return null
    return Math.max(0, (a ?? 0) + sign * (b ?? 0))
  }
  return {
    input_tokens: sum('input_tokens'),
    cached_input_tokens: sum('cached_input_tokens'),
    output_tokens: sum('output_tokens'),
  }
}
