import type { BoardEvent, Run, ShownOutcome } from '../../contract/index.ts'
import { type Outcome, RUN_OUTCOMES } from '../../contract/states.ts'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { brief, errorLine, errorOpening, runNote } from './run-words.ts'

/** A run of any task of the board, derived from events. */
export interface BoardRun {
  id: number
  task_id: string
  /** null when only its end is known, or when it was recorded without a worker. */
  attempt: number | null
  profile: string | null
  started_at: number
  ended_at: number | null
  outcome: ShownOutcome | null
  /** Its summary, question or error, on one line. */
  note: string | null
}

const ENDS: readonly string[] = RUN_OUTCOMES

function textOf(payload: BoardEvent['payload'], ...keys: string[]): string | null {
  for (const key of keys) {
    const value = payload?.[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

/** An event has only the first line: one that says no more than the outcome is left out. */
function noteOf(error: string | null): string | null {
  return errorOpening(error) === null && !error?.includes('\n') ? null : errorLine(error)
}

/** Derives runs from events, which may come in any order and more than once. */
export class RunLedger {
  readonly #runs = new Map<number, BoardRun>()

  take(event: BoardEvent): void {
    const { run_id: id, task_id, kind, payload, created_at } = event
    if (id === null || task_id === null) return
    const known = this.#runs.get(id)
    const run: BoardRun = known ?? {
      id,
      task_id,
      attempt: null,
      profile: null,
      started_at: created_at,
      ended_at: null,
      outcome: null,
      note: null,
    }
    const next = { ...run, started_at: Math.min(run.started_at, created_at) }
    if (kind === 'claimed') {
      next.started_at = created_at
      next.attempt = typeof payload?.['attempt'] === 'number' ? payload['attempt'] : null
      next.profile = textOf(payload, 'profile')
    } else if (kind === 'heartbeat' && next.outcome === null) {
      next.note = textOf(payload, 'note') ?? next.note
    } else if (kind === 'protocol_violation') {
      this.#end(next, 'ended_without_a_report', event)
    } else if (ENDS.includes(kind) && next.outcome === null) {
      this.#end(next, kind as Outcome, event)
    }
    this.#runs.set(id, next)
  }

  #end(run: BoardRun, outcome: ShownOutcome, { payload, created_at }: BoardEvent): void {
    run.outcome = outcome
    run.ended_at = created_at
    run.note =
      brief(textOf(payload, 'summary', 'reason', 'last_output')) ??
      noteOf(textOf(payload, 'error')) ??
      run.note
  }

  /** Adds a run read from the board, which has more facts than its events. */
  know(run: Run): void {
    const { id, task_id, attempt, profile, started_at, ended_at } = run
    const outcome = shownOutcome(run)
    const note = runNote(run)?.text ?? null
    this.#runs.set(id, { id, task_id, attempt, profile, started_at, ended_at, outcome, note })
  }

  /** Newest first. */
  list(): BoardRun[] {
    return [...this.#runs.values()].sort((a, b) => b.id - a.id)
  }
}
