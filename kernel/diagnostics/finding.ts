import type { Diagnostic, Severity } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import type { BoardFacts } from '../board/gates.ts'

/** What a rule looks at. */
export interface Look {
  read: Reader
  facts: BoardFacts
  /** Alive without output and heartbeat for so long is stale. */
  stale_ms: number
  board_failure_limit: number | null
}

/** Gives what is wrong by it. */
export type Rule = (look: Look) => Diagnostic[]

/** The most that one rule tells; who has more of one kind has seen enough. */
export const LIMIT = 200

export const DAY_MS = 86_400_000

export function found(
  kind: Diagnostic['kind'],
  severity: Severity,
  sentence: string,
  action: string | null,
  about: Partial<Diagnostic> = {},
): Diagnostic {
  return {
    kind,
    severity,
    task_ids: [],
    title: null,
    run_id: null,
    profile: null,
    since_at: null,
    ...about,
    sentence,
    action,
  }
}

/** `3 tasks`, `1 task`. */
export const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** A text from elsewhere as a sentence: with a full stop, unless it ends with another mark. */
export const ended = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`)
