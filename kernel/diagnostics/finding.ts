import type { Diagnostic, Severity } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import type { BoardFacts } from '../board/gates.ts'

/** The data that a rule examines. */
export interface Look {
  read: Reader
  facts: BoardFacts
  /** A run without output and heartbeat for this long is stale. */
  stale_ms: number
  board_failure_limit: number | null
}

/** Returns the problems that the rule finds. */
export type Rule = (look: Look) => Diagnostic[]

/** Maximum findings per rule. */
export const LIMIT = 200

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

/** A foreign text as a sentence: with a full stop, unless it ends with another mark. */
export const ended = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`)
