import { DEFAULT_STALE_SECONDS, type Diagnostic, SEVERITIES } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import type { BoardFacts } from '../board/gates.ts'
import { failing, heldProfiles, looping, rejectedCards } from './failing.ts'
import type { Look, Rule } from './finding.ts'
import { overLimits, stale } from './running.ts'
import { misassigned, stranded, stuck } from './waiting.ts'

const RULES: readonly Rule[] = [
  stuck,
  stranded,
  misassigned,
  failing,
  looping,
  stale,
  overLimits,
  heldProfiles,
  rejectedCards,
]

/**
 * Finds problems on a board, the worst and oldest first. Changes nothing.
 *
 * @param facts as the gates of the board's tasks use them
 */
export function diagnose(board: Board, facts: BoardFacts): Diagnostic[] {
  const settings = board.settings()
  const all = board.connection.snapshot((read) => {
    const look: Look = {
      read,
      facts,
      stale_ms: (settings.stale_after_seconds ?? DEFAULT_STALE_SECONDS) * 1000,
      board_failure_limit: settings.failure_limit,
    }
    return RULES.flatMap((rule) => rule(look))
  })
  const rank = (item: Diagnostic) => SEVERITIES.indexOf(item.severity)
  return all.sort((a, b) => rank(b) - rank(a) || (a.since_at ?? 0) - (b.since_at ?? 0))
}
