import {
  FAILURE_EVENT_KINDS,
  type FailureOutcome,
  isSatisfied,
  type CheckedInput,
  type EventKind,
  type InboxGroup,
  type InboxItem,
  OperationError,
  type OperationOutput,
  type Question,
  type TaskStatus,
} from '../../contract/index.ts'
import { errorBrief } from '../../formats/own-errors.ts'
import type { Reader } from '../db/connection.ts'
import { ended } from '../diagnostics/finding.ts'
import { type BoardFacts, whyNot } from '../board/gates.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { firstLine } from '../lifecycle/write-event.ts'
import { presentRun, presentTask } from '../board/present.ts'
import { presentListed } from '../board/present-question.ts'
import * as boardState from '../tables/board-state.ts'
import * as inbox from '../tables/inbox.ts'
import type { EndRow } from '../tables/inbox.ts'
import * as questions from '../tables/questions.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { boardFacts } from '../board/facts.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { questionOf } from './question.ts'
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

  'inbox.mark_seen': async (context, { until, task_ids, group }) => {
    if (task_ids === undefined && group === undefined) return { seen_until: await markSeen(context, until) }
    const ids = (read: Reader) => [...(task_ids ?? []), ...(group === undefined ? [] : idsOf(read, group))]
    return { seen_until: await markTasks(context, ids, until) }
  },

  'inbox.mark_unseen': async (context, { id }) => {
    await context.write((tx) => {
      requireTask(tx, id)
      const newest = tx.get(inbox.newestEntry, { task_id: id })?.id ?? null
      if (newest === null)
        throw new OperationError('CONFLICT', `The inbox has no entry for task ${id} yet.`, { id })
      tx.run(boardState.set, { key: `inbox_seen/${id}`, value: String(newest - 1), now: tx.now })
    })
    return { id }
  },
} satisfies Partial<BoardHandlers>

/** The kind of event with which a task began to wait, where the log does not have it any more. */
const BEGAN: Partial<Record<TaskStatus, EventKind>> = {
  review: 'review_requested',
  running: 'question_asked',
}

/** The groups with tasks that wait for a person. The group `failures` also has tasks that do not wait. */
const WAITING_GROUPS = ['questions', 'reviews', 'failures'] as const satisfies readonly InboxGroup[]

/** How many tasks wait for a person. The inbox, the header and the tray show this number. */
export function countNeedsYou(read: Reader): number {
  return read.all(inbox.countWaiting, {}).reduce((sum, { count }) => sum + count, 0)
}

/** How many entries of the inbox are unseen. */
export function countUnseen(read: Reader): number {
  return readEnds(read, seenUntil(read)).length + newlyWaiting(read)
}

function newlyWaiting(read: Reader): number {
  return read.get(inbox.countNewlyWaiting, { since: seenUntil(read) })?.count ?? 0
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
    tx.run(boardState.forgetSeenTasks, { until: now })
    return now
  })
}

/**
 * Marks single tasks as seen. When no entry is unseen any more, moves the cursor of the board instead.
 *
 * @returns the cursor of the board
 */
async function markTasks(
  context: BoardContext,
  idsIn: (read: Reader) => readonly string[],
  until: number | undefined,
): Promise<number> {
  return context.write((tx) => {
    const cursor = cursorOf(tx)
    const seen = Math.min(until ?? Infinity, cursor)
    const since = seenUntil(tx)
    for (const id of idsIn(tx)) {
      const key = `inbox_seen/${id}`
      // A task that was seen at a later cursor keeps that cursor.
      if (seen > Number(tx.get(boardState.get, { key })?.value ?? since))
        tx.run(boardState.set, { key, value: String(seen), now: tx.now })
    }
    if (countUnseen(tx) > 0) return since
    tx.run(boardState.set, { key: 'inbox_seen', value: String(cursor), now: tx.now })
    tx.run(boardState.forgetSeenTasks, { until: cursor })
    return cursor
  })
}

type End = EndRow & { group: 'failures' | 'finished' }

/** Failed and finished tasks, oldest first, without those that wait for a person or have started again. */
function readEnds(read: Reader, since: number): End[] {
  return read.all(inbox.endsSince, { since, depth: DEPTH_EVENTS }).flatMap((end): End[] => {
    if (isFailure(end.kind)) return isUnfinished(end.status) ? [{ ...end, group: 'failures' }] : []
    return end.status === 'done' ? [{ ...end, group: 'finished' }] : []
  })
}

/** The tasks of a group, including those beyond the limit of an answer. */
function idsOf(read: Reader, group: InboxGroup): string[] {
  const ends = readEnds(read, seenUntil(read)).filter((end) => end.group === group)
  return [...read.all(inbox.waitingIds, { group }), ...ends.map(({ task_id: id }) => ({ id }))].map(
    ({ id }) => id,
  )
}

function readInbox(read: Reader, facts: BoardFacts, { limit }: CheckedInput<'inbox.show'>): Answer {
  const since = seenUntil(read)
  // Only the tasks that are shown are read in full: thousands may have ended, each with a megabyte of text.
  const ends = readEnds(read, since)
  const failed = ends.filter(({ group }) => group === 'failures')
  const finished = ends.filter(({ group }) => group === 'finished')
  const itemOf = (end: End) => endItem(read, facts, requireTask(read, end.task_id), end)
  const waiting = WAITING_GROUPS.flatMap(
    (group) =>
      withinBytes(read.iterate(inbox.waiting, { group, since, limit }), (row) =>
        waitingItem(read, facts, row, group),
      ).shown,
  )
  const groups: Record<InboxGroup, number> = {
    questions: 0,
    reviews: 0,
    failures: failed.length,
    finished: finished.length,
  }
  for (const { name, count } of read.all(inbox.countWaiting, {})) groups[name] += count
  return {
    needs_you: waiting,
    failed: withinBytes(failed.slice(0, limit), itemOf).shown,
    finished: withinBytes(finished.slice(0, limit), itemOf).shown,
    counts: {
      needs_you: countNeedsYou(read),
      failed: failed.length,
      finished: finished.length,
      unseen: failed.length + finished.length + newlyWaiting(read),
      groups,
    },
    cursor: cursorOf(read),
    seen_until: since,
  }
}

const isFailure = (kind: EventKind): kind is FailureOutcome =>
  (FAILURE_EVENT_KINDS as readonly EventKind[]).includes(kind)

/** Neither finished nor waiting for a person. Such tasks belong to another group, or to none. */
const isUnfinished = (status: TaskStatus) =>
  !isSatisfied(status) && status !== 'review' && status !== 'blocked'

function whyOfRow(read: Reader, facts: BoardFacts, task: TaskRow) {
  return whyNot(task, read.all(taskLinks.openParentsOf, { id: task.id }), facts)
}

function waitingItem(
  read: Reader,
  facts: BoardFacts,
  row: TaskRow & {
    event_id: number | null
    event_kind: EventKind | null
    event_at: number | null
    seen: number
  },
  group: InboxGroup,
): InboxItem {
  const { event_id, event_kind, event_at, seen, ...task } = row
  const run = read.get(taskRuns.newestOf, { task_id: task.id })
  const why = whyOfRow(read, facts, task)
  const asks = group === 'questions' && task.status === 'review' ? questionOf(read, task) : null
  return {
    group,
    kind: event_kind ?? BEGAN[task.status] ?? 'blocked',
    task: presentTask(task),
    run: run === undefined ? null : presentRun(run, facts.now),
    at: event_at ?? task.updated_at,
    sentence: waitingSentence(asks, task, run) ?? why?.sentence ?? 'It needs you.',
    happened: null,
    action: why?.action ?? null,
    unseen: (event_id ?? 0) > seen,
    asks,
    question: openQuestionOf(read, task),
  }
}

function openQuestionOf(read: Reader, { status, current_run_id }: TaskRow): Question | null {
  if (status !== 'running' || current_run_id === null) return null
  const [oldest] = read.all(questions.openOfRun, { run_id: current_run_id })
  return oldest === undefined ? null : presentListed(oldest)
}

/** @returns null when the reason why the task does not run is the sentence */
function waitingSentence(asks: InboxItem['asks'], task: TaskRow, run: RunRow | undefined): string | null {
  if (task.status !== 'review') return null
  if (asks !== null) return `Asks: ${firstLine(asks.question) ?? ''}`
  const said = firstLine(run?.summary ?? null)
  return said === null ? null : `Waits for your review: ${said}`
}

function endItem(read: Reader, facts: BoardFacts, task: TaskRow, end: End): InboxItem {
  const run =
    end.run_id === null
      ? read.get(taskRuns.newestOf, { task_id: task.id })
      : read.get(taskRuns.byId, { id: end.run_id })
  const happened = isFailure(end.kind) ? failureSentence(task, run, end.kind) : null
  return {
    group: end.group,
    kind: end.kind,
    task: presentTask(task),
    run: run === undefined ? null : presentRun(run, facts.now),
    at: end.created_at,
    sentence:
      happened === null ? finishedSentence(task, run) : `${happened} ${nextSentence(read, facts, task)}`,
    happened,
    action: happened !== null && task.status === 'ready' ? `retry ${task.id}` : `show ${task.id}`,
    unseen: true,
    asks: null,
    question: null,
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
