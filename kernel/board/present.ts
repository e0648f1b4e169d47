import type { BoardEvent, Card, Comment, Run, Task, WalkProgress, Why } from '../../contract/index.ts'
import { errorHeadline } from '../../formats/own-errors.ts'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import type { CardRow } from '../tables/cards.ts'
import type { CommentRow } from '../tables/task-comments.ts'
import type { EventRow } from '../tables/task-events.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { openFor } from './worker-age.ts'

type JsonObject = Record<string, never>

/** Column text that the schema guarantees to be JSON of this shape. */
function fromJson<T>(text: string): T {
  return JSON.parse(text) as T
}

function objectOrNull(text: string | null): JsonObject | null {
  return text === null ? null : fromJson<JsonObject>(text)
}

function listOrNull(text: string | null): string[] | null {
  return text === null ? null : fromJson<string[]>(text)
}

/** Converts the columns that SQLite stores differently; `tasks.toTaskRow` is the inverse. */
function presentStored(row: TaskRow) {
  return {
    held: row.held === 1,
    skills: fromJson<string[]>(row.skills),
    labels: fromJson<string[]>(row.labels),
    proposed_fields: listOrNull(row.proposed_fields),
  }
}

/** @returns a task as callers see it */
export function presentTask(row: TaskRow): Task {
  const { archived_from: _internal, ...task } = row
  // Into the copy: a second one of all columns would cost as much as reading them.
  return Object.assign(task, presentStored(row))
}

/**
 * @param now milliseconds since the epoch, for the elapsed time of an open run
 * @returns a run as callers see it: without the claim, the keeper, and its frozen context
 */
export function presentRun(row: RunRow, now: number): Run {
  const {
    claim_lock: _lock,
    worker_started_key: _key,
    keeper_pid: _keeper,
    keeper_started_key: _keeperKey,
    stop_status: _status,
    stop_actor: _actor,
    stop_reason: _reason,
    exited_at: _exited,
    context: _context,
    ...run
  } = row
  return Object.assign(run, {
    headline: errorHeadline(row.error),
    elapsed_ms: row.ended_at === null ? openFor(row, now) : Math.max(0, row.ended_at - row.started_at),
    metadata: objectOrNull(row.metadata),
    command: row.command === null ? null : fromJson<string[]>(row.command),
    observed: objectOrNull(row.observed),
    usage: objectOrNull(row.usage),
  })
}

export function presentEvent(row: EventRow): BoardEvent {
  return { ...row, payload: objectOrNull(row.payload) }
}

export function presentComment(row: CommentRow): Comment {
  return { ...row }
}

/** The longest text on a card. `show` has all of it. */
const CARD_TEXT = 8_000
const LONG_TEXTS = [
  'body',
  'result',
  'block_reason',
  'held_reason',
  'last_failure_error',
  'latest_summary',
] as const

/** Clips long texts: a thousand cards must not carry a thousand megabytes. */
function clipped(row: CardRow): Partial<CardRow> & Pick<Card, 'clipped'> {
  const long = LONG_TEXTS.filter((name) => (row[name]?.length ?? 0) > CARD_TEXT)
  if (long.length === 0) return {}
  // Without half of a surrogate pair at the end.
  const clip = (text: string) => `${text.slice(0, CARD_TEXT).replace(/[\uD800-\uDBFF]$/, '')}…`
  return { ...Object.fromEntries(long.map((name) => [name, clip(row[name] ?? '')])), clipped: [...long] }
}

/** @param why the card's own gate */
export function presentCard(row: CardRow, why: Why): Card {
  const { archived_from: _internal, last_crash, ...card } = row
  return {
    ...card,
    ...clipped(row),
    last_shown_outcome: shownOutcome({ outcome: row.last_outcome, error: last_crash }),
    ...presentStored(row),
    parents: fromJson<string[]>(row.parents),
    children: fromJson<string[]>(row.children),
    open_parents: fromJson<string[]>(row.open_parents),
    unmerged_parents: fromJson<string[]>(row.unmerged_parents),
    progress: presentProgress(row.progress),
    why,
  }
}

function presentProgress(text: string | null): WalkProgress | null {
  const progress = text === null ? null : fromJson<WalkProgress>(text)
  return progress === null || progress.rounds !== null ? progress : { ...progress, round: null }
}
