import { count } from '../../formats/count.ts'
import { roughly } from '../../formats/time.ts'
import {
  type BlockKind,
  type BoardEvent,
  type EventKind,
  type NewsEventKind,
  type Run,
  type Task,
  type TaskDetail,
  type TaskStatus,
  waitsForAnswer,
} from '../../contract/index.ts'
import type { Place } from './places.ts'

/** The category of a notice, by which several are summarized. */
export type NoticeGroup = 'failed' | 'needs_you' | 'finished'

/** A notification about one task, and the place that a click opens. */
export interface Notice {
  title: string
  body: string
  place: Place
  group: NoticeGroup
  /** The task that a button can retry at once. */
  retry?: { board: string; id: string } | undefined
}

/** What happened, by event kind. If a run has several, the first in this order is shown. */
const WHAT_HAPPENED: Record<NewsEventKind, string> = {
  gave_up: 'Gave up',
  protocol_violation: 'Ended without a report',
  spawn_failed: 'Could not start',
  verify_failed: 'Verification failed',
  timed_out: 'Timed out',
  stale: 'Went silent',
  crashed: 'Crashed',
  blocked: 'Needs you',
  question_asked: 'Asks a question',
  review_requested: 'Asks for review',
  completed: 'Done',
}
const TOLD = Object.entries(WHAT_HAPPENED) as [NewsEventKind, string][]

const WHAT_BLOCKS: Record<BlockKind, string> = {
  needs_input: 'Waits for your answer.',
  capability: 'Needs your help to continue.',
  gave_up: 'Will not retry until you unblock it.',
  unreported: 'Will not retry: accept its result, or send it back.',
}

function whenReady(task: Task, now: number): string {
  if (task.held) return 'Held: will not retry until you release it.'
  if (task.retry_at !== null && task.retry_at > now) return `Retries in ${roughly(task.retry_at - now)}.`
  return 'Retries as soon as possible.'
}

/** What comes next, as decided by the dispatcher. */
const WHAT_COMES: Record<TaskStatus, (task: Task, now: number) => string> = {
  triage: () => 'Back in triage.',
  todo: () => 'Blocked by its parents.',
  ready: whenReady,
  running: () => 'Running again.',
  review: () => 'Waits for your approval.',
  blocked: (task) => WHAT_BLOCKS[task.block_kind ?? 'needs_input'],
  done: () => 'Already done.',
  archived: () => 'Already archived.',
}

/** Longer reasons are left to the window; a notification has a line or two. */
const REASON_LENGTH = 160

function shortened(text: string | null): string {
  const [line = ''] = (text ?? '').trim().split('\n', 1)
  return line.length <= REASON_LENGTH ? line : `${line.slice(0, REASON_LENGTH - 1)}…`
}

/** For a block or a review, the worker's words; for a failure, the error. */
function reasonOf(task: Task, run: Run | undefined): string {
  if (waitsForAnswer(task)) return shortened(task.block_reason)
  return shortened(run?.headline ?? run?.summary ?? task.last_failure_error)
}

/**
 * @param kinds the events that the task, or its run, got together
 * @param runId their run, null for a task without one
 * @param now milliseconds since the epoch
 * @returns the notification, with what comes next; null if it is no longer relevant
 */
export function noticeOf(
  board: string,
  detail: TaskDetail,
  kinds: ReadonlySet<EventKind>,
  runId: number | null,
  now: number,
): Notice | null {
  const { task } = detail
  const happened = TOLD.find(([kind]) => kinds.has(kind))
  const isDone = task.completed_at !== null
  if (happened === undefined || isDone !== (happened[0] === 'completed')) return null
  const run = detail.runs.find(({ id }) => id === runId)
  const asks = detail.questions.find(({ state }) => state === 'open')
  // The question was answered meanwhile, or its run is over. Other events report that.
  if (happened[0] === 'question_asked' && asks === undefined) return null
  const reason = asks === undefined ? reasonOf(task, run) : shortened(asks.title)
  // Nothing comes after a finished task.
  const next = isDone
    ? ''
    : asks === undefined
      ? WHAT_COMES[task.status](task, now)
      : 'It waits for your answer.'
  return {
    title: `${happened[1]}: ${task.title}`,
    body: [reason, next].filter((line) => line !== '').join('\n'),
    place: { board, task: task.id, attempt: run?.attempt },
    group: asks === undefined ? groupOf(task) : 'needs_you',
    retry: mayRetry(task, now) ? { board, id: task.id } : undefined,
  }
}

function groupOf({ status }: Task): NoticeGroup {
  if (status === 'done') return 'finished'
  return status === 'blocked' || status === 'review' ? 'needs_you' : 'failed'
}

/** Whether a retry is the only thing left to decide. */
function mayRetry({ status, block_kind, held, retry_at }: Task, now: number): boolean {
  if (status === 'ready') return held || (retry_at !== null && retry_at > now)
  return status === 'blocked' && block_kind === 'gave_up'
}

/**
 * A profile that is held after a systemic failure waits for a person, with all its tasks. One held for a rate limit
 * continues automatically, so it needs no notification.
 *
 * @returns the notification, or null for any other event
 */
export function heldProfileNotice(board: string, { kind, payload }: BoardEvent): Notice | null {
  const { profile, why } = payload ?? {}
  if (kind !== 'profile_held' || typeof profile !== 'string' || typeof why !== 'string') return null
  return {
    title: `Profile held: ${profile}`,
    body: `${shortened(why)}\nIts tasks wait until you release the profile or change it.`,
    place: { board },
    group: 'needs_you',
  }
}

/** Why several notices are grouped. */
export type Occasion = 'burst' | 'closed' | 'quiet'

const OCCASION_WORDS: Record<Occasion, string> = {
  burst: '',
  closed: 'While Runboard was closed: ',
  quiet: 'During quiet hours: ',
}

/** `2 failed, 1 needs you, 3 finished`: only the counts above zero. */
function summedUp(notices: readonly Notice[]): string {
  const inGroup = (group: NoticeGroup) => notices.filter((notice) => notice.group === group).length
  const [failed, waiting, finished] = [inGroup('failed'), inGroup('needs_you'), inGroup('finished')]
  return [
    failed > 0 ? `${failed} failed` : '',
    waiting > 0 ? `${count(waiting, 'needs', 'need')} you` : '',
    finished > 0 ? `${finished} finished` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/**
 * @param notices two or more
 * @returns one notice for all of them, which opens the inbox of the first one's board
 */
export function groupedNotice(notices: readonly [Notice, ...Notice[]], occasion: Occasion): Notice {
  const shown = notices.slice(0, 3).map(({ title }) => title)
  const more = notices.length - shown.length
  return {
    title: `${OCCASION_WORDS[occasion]}${summedUp(notices)}`,
    body: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    place: { board: notices[0].place.board, view: 'inbox' },
    group: notices[0].group,
  }
}
