import {
  FAILURE_EVENT_KINDS,
  type FailureOutcome,
  isSatisfied,
  type CheckedInput,
  type EventKind,
  type InboxItem,
  type OperationOutput,
  type TaskStatus,
} from '../../contract/index.ts'
import { errorBrief } from '../../formats/own-errors.ts'
import type { Reader } from '../db/connection.ts'
import { ended } from '../diagnostics/finding.ts'
import { type BoardFacts, whyNot } from '../board/gates.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { firstLine } from '../lifecycle/write-event.ts'
import { presentRun, presentTask } from '../board/present.ts'
import * as boardState from '../tables/board-state.ts'
import * as inbox from '../tables/inbox.ts'
import type { ToldRow } from '../tables/inbox.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { boardFacts } from '../board/facts.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { withinBytes } from './newest.ts'

/** How many events back we look for ended runs. On a board that nobody opens, older ends are found in its columns. */
const DEPTH_EVENTS = 20_000

type Answer = OperationOutput<'inbox.show'>

export const inboxHandlers = {
  'inbox.show': async (context, input) => {
    const { services, board } = context
    const facts = boardFacts(services, board)
    const answer = board.connection.snapshot((read) => readInbox(read, facts, input))
    if (input.seen) await markSeen(context, answer.cursor)
    return answer
  },

  'inbox.mark_seen': async (context, { until }) => ({ seen_until: await markSeen(context, until) }),
} satisfies Partial<BoardHandlers>

/** How many tasks wait for a person. The inbox, the header and the tray show this number. */
export function countNeedsYou(read: Reader): number {
  return read.get(inbox.countWaiting, {})?.count ?? 0
}

function cursorOf(read: Reader): number {
  return read.get(taskEvents.cursor, {})?.id ?? 0
}

function seenUntil(read: Reader): number {
  return Number(read.get(boardState.get, { key: 'inbox_seen' })?.value ?? 0)
}

/** Moves the cursor of seen events, forwards only. @returns the new cursor */
async function markSeen(context: BoardContext, until: number | undefined): Promise<number> {
  return context.write((tx) => {
    const before = seenUntil(tx)
    const now = Math.max(before, Math.min(until ?? Infinity, cursorOf(tx)))
    if (now > before) tx.run(boardState.set, { key: 'inbox_seen', value: String(now), now: tx.now })
    return now
  })
}

function readInbox(read: Reader, facts: BoardFacts, { limit }: CheckedInput<'inbox.show'>): Answer {
  const seen = seenUntil(read)
  // Only the tasks that are shown are read in full: thousands may have ended, each with a megabyte of text.
  const ends = read.all(inbox.endsSince, { since: seen, depth: DEPTH_EVENTS }).flatMap((end) => {
    const status = read.get(tasks.statusOf, { id: end.task_id })?.status
    return status === undefined ? [] : [{ end, status }]
  })
  const failed = ends.filter(({ end, status }) => isFailure(end.kind) && goesOn(status))
  const finished = ends.filter(({ end, status }) => !isFailure(end.kind) && status === 'done')
  const itemOf = ({ end }: { end: ToldRow }) => endItem(read, facts, requireTask(read, end.task_id), end)
  const waiting = read.all(inbox.waiting, { limit })
  return {
    needs_you: withinBytes(waiting, (row) => waitingItem(read, facts, row, seen)).shown,
    failed: withinBytes(failed.slice(0, limit), itemOf).shown,
    finished: withinBytes(finished.slice(0, limit), itemOf).shown,
    counts: {
      needs_you: countNeedsYou(read),
      failed: failed.length,
      finished: finished.length,
      unseen:
        failed.length + finished.length + (read.get(inbox.countNewlyWaiting, { since: seen })?.count ?? 0),
    },
    cursor: cursorOf(read),
    seen_until: seen,
  }
}

const isFailure = (kind: EventKind): kind is FailureOutcome =>
  (FAILURE_EVENT_KINDS as readonly EventKind[]).includes(kind)

/** Neither finished nor waiting for a person. Such tasks belong to another group, or to none. */
const goesOn = (status: TaskStatus) => !isSatisfied(status) && status !== 'review' && status !== 'blocked'

function whyOfRow(read: Reader, facts: BoardFacts, task: TaskRow) {
  return whyNot(task, read.all(taskLinks.openParentsOf, { id: task.id }), facts)
}

function waitingItem(
  read: Reader,
  facts: BoardFacts,
  row: TaskRow & { event_id: number | null; event_kind: EventKind | null; event_at: number | null },
  seen: number,
): InboxItem {
  const { event_id, event_kind, event_at, ...task } = row
  const run = read.get(taskRuns.newestOf, { task_id: task.id })
  const why = whyOfRow(read, facts, task)
  const said = task.status === 'review' ? firstLine(run?.summary ?? null) : null
  return {
    kind: event_kind ?? (task.status === 'review' ? 'review_requested' : 'blocked'),
    task: presentTask(task),
    run: run === undefined ? null : presentRun(run, facts.now),
    at: event_at ?? task.updated_at,
    sentence: said === null ? (why?.sentence ?? 'It needs you.') : `Waits for your review: ${said}`,
    happened: null,
    action: why?.action ?? null,
    unseen: (event_id ?? 0) > seen,
  }
}

function endItem(read: Reader, facts: BoardFacts, task: TaskRow, end: ToldRow): InboxItem {
  const run =
    end.run_id === null
      ? read.get(taskRuns.newestOf, { task_id: task.id })
      : read.get(taskRuns.byId, { id: end.run_id })
  const happened = isFailure(end.kind) ? failureSentence(task, run, end.kind) : null
  return {
    kind: end.kind,
    task: presentTask(task),
    run: run === undefined ? null : presentRun(run, facts.now),
    at: end.created_at,
    sentence:
      happened === null ? finishedSentence(task, run) : `${happened} ${nextSentence(read, facts, task)}`,
    happened,
    action: happened !== null && task.status === 'ready' ? `retry ${task.id}` : `show ${task.id}`,
    unseen: true,
  }
}

const FAILED: Record<FailureOutcome, string> = {
  crashed: 'crashed',
  timed_out: 'timed out',
  stale: 'went silent',
  spawn_failed: 'could not start',
  gave_up: 'was the last',
  verify_failed: 'failed its check',
}

/** What happened: “Attempt 2 crashed: exit 1.” */
function failureSentence(task: TaskRow, run: RunRow | undefined, kind: FailureOutcome): string {
  const error = errorBrief(run?.error ?? task.last_failure_error, 300)
  const what = `Attempt ${run?.attempt ?? 1} ${FAILED[kind]}`
  return ended(error === null ? what : `${what}: ${error}`)
}

/** What happens next after a failure: “Tries again in 42 s (2 failures in a row).” */
function nextSentence(read: Reader, facts: BoardFacts, task: TaskRow): string {
  if (task.status === 'running') return 'The next attempt runs.'
  return whyOfRow(read, facts, task)?.sentence ?? 'Starts again soon.'
}

function finishedSentence(task: TaskRow, run: RunRow | undefined): string {
  return firstLine(run?.summary ?? task.result) ?? 'Done.'
}
