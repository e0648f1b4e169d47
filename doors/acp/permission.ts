import { type Json, object, objects, word } from '../../formats/json.ts'
import type { BoardLink, Verdict } from './board-link.ts'
import type { Reporter } from './reporter.ts'
import { wantedIn } from './wanted.ts'

/**
 * The kinds of options by which the agent learns the verdict. Never `allow_always`: Runboard keeps the rules, and some
 * agents would not ask again at all.
 */
const ALLOWING = 'allow_once'
const REFUSING = ['reject_once', 'reject_always']
const NOT_ONCE = 'The agent offers no way to allow this once, and Runboard allows nothing for good.'

/** Settles the agent's requests for permissions, and remembers what was refused. */
export class Permissions {
  readonly #board: BoardLink
  readonly #reporter: Reporter
  /** The reason of the last refusal in this turn. Agents that end their turn at a refusal get it as a prompt. */
  #refusal: string | null = null

  constructor(board: BoardLink, reporter: Reporter) {
    this.#board = board
    this.#reporter = reporter
  }

  /** @returns the reason of the last refusal since this was last called */
  takeRefusal(): string | null {
    const refusal = this.#refusal
    this.#refusal = null
    return refusal
  }

  /** Answers `session/request_permission`. */
  async answer(params: Json, signal: AbortSignal): Promise<Json> {
    const call = object(params['toolCall'])
    const id = word(call['toolCallId'] ?? '')
    // Gemini CLI announces the call only in this request.
    if (id !== '') this.#reporter.calls.put({ ...call, toolCallId: id })
    const wanted = wantedIn(call, this.#reporter.calls.facts(id))
    this.#reporter.line({ acp: 'permission', title: wanted.title, decision: 'asked', why: '' })
    const options = objects(params['options'])
    const { kind, why } = canAllow(options)
      ? await this.#board.mayUse(wanted, signal)
      : { kind: 'refused' as const, why: NOT_ONCE }
    this.#reporter.line({ acp: 'permission', title: wanted.title, decision: kind, why })
    if (kind === 'refused') this.#refusal = why
    return { outcome: outcomeOf(kind, options) }
  }
}

function canAllow(options: readonly Json[]): boolean {
  return options.some(({ kind }) => kind === ALLOWING)
}

function outcomeOf(kind: Verdict['kind'], options: readonly Json[]): Json {
  if (kind === 'withdrawn') return { outcome: 'cancelled' }
  const kinds = kind === 'allowed' ? [ALLOWING] : REFUSING
  const chosen = kinds
    .map((wanted) => options.find((option) => option['kind'] === wanted))
    .find((option) => option !== undefined)
  return chosen === undefined
    ? { outcome: 'cancelled' }
    : { outcome: 'selected', optionId: chosen['optionId'] }
}
