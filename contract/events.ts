import type { FailureOutcome } from './states.ts'

/**
 * The kinds of event. Each change of a board writes one in its own transaction: the log is the outbox that live views,
 * notifications, the inbox and `runboard watch` read by cursor.
 */

/** Kinds that belong to one run: their rows carry `run_id`. */
export const RUN_EVENT_KINDS = [
  'claimed',
  'spawned',
  'heartbeat',
  'completed',
  'review_requested',
  'blocked',
  'crashed',
  'protocol_violation',
  'timed_out',
  'stale',
  'spawn_failed',
  'gave_up',
  'verify_failed',
  'rate_limited',
  'reclaimed',
  'stop_requested',
  'stopped',
  'late_write',
  'cards_rejected',
  'files_put_back',
  'session_resumed',
  'session_refused',
  'question_asked',
  'question_answered',
  'question_withdrawn',
  'message_told',
  'message_delivered',
] as const

/** Kinds that belong to the task itself: their rows have `run_id` NULL. */
export const TASK_EVENT_KINDS = [
  'created',
  'promoted',
  'demoted',
  'assigned',
  'edited',
  'reprioritized',
  'ranked',
  'linked',
  'unlinked',
  'commented',
  'attached',
  'detached',
  'held',
  'released',
  'scheduled',
  'retried',
  'moved',
  'approved',
  'merged',
  'merge_reverted',
  'cleaned_up',
  'discarded',
  'changes_requested',
  'unblocked',
  'reopened',
  'archived',
  'restored',
  'imported',
  'workflow_started',
  'step_entered',
  'step_left',
  'step_skipped',
  'went_back',
  'items_created',
  'item_let_go',
  'item_joined',
  'item_sent_back',
  'rounds_used_up',
  'no_progress',
  'workflow_ended',
] as const

/** Kinds that belong to the board: `task_id` and `run_id` are NULL. */
export const BOARD_EVENT_KINDS = [
  'profile_held',
  'profile_released',
  'profile_changed',
  'dispatcher_paused',
  'dispatcher_resumed',
  'task_deleted',
  'board_restored',
] as const

export const EVENT_KINDS = [...RUN_EVENT_KINDS, ...TASK_EVENT_KINDS, ...BOARD_EVENT_KINDS] as const

export type RunEventKind = (typeof RUN_EVENT_KINDS)[number]
export type TaskEventKind = (typeof TASK_EVENT_KINDS)[number]
export type BoardEventKind = (typeof BOARD_EVENT_KINDS)[number]
export type EventKind = (typeof EVENT_KINDS)[number]

/** What an event of a run means to a person. */
export type News = 'failed' | 'waits' | 'finished'

/**
 * Which events of runs cause a notification, and of what kind. A new kind, or a new outcome that fails, must be added
 * here.
 */
const RUN_EVENT_NEWS = {
  claimed: [],
  spawned: [],
  heartbeat: [],
  completed: ['finished'],
  review_requested: ['waits'],
  blocked: ['waits'],
  crashed: ['failed'],
  protocol_violation: ['waits'],
  timed_out: ['failed'],
  stale: ['failed'],
  spawn_failed: ['failed'],
  gave_up: ['failed', 'waits'],
  verify_failed: ['failed'],
  rate_limited: [],
  reclaimed: [],
  stop_requested: [],
  stopped: [],
  late_write: [],
  cards_rejected: [],
  files_put_back: [],
  session_resumed: [],
  session_refused: [],
  question_asked: ['waits'],
  question_answered: [],
  question_withdrawn: [],
  message_told: [],
  message_delivered: [],
} as const satisfies Record<RunEventKind, readonly News[]> &
  Record<FailureOutcome, readonly ['failed', ...News[]]>

/** The kinds of run event that cause a notification. */
export type NewsEventKind = {
  [K in RunEventKind]: (typeof RUN_EVENT_NEWS)[K] extends readonly [] ? never : K
}[RunEventKind]

function kindsOf(news: News): NewsEventKind[] {
  const kinds = Object.entries<readonly News[]>(RUN_EVENT_NEWS).filter(([, is]) => is.includes(news))
  return kinds.map(([kind]) => kind as NewsEventKind)
}

/** Kinds after which a run has failed: the tray counts them and notifications report them. */
export const FAILURE_EVENT_KINDS = kindsOf('failed')
/** Kinds after which a person must act. */
export const ATTENTION_EVENT_KINDS = kindsOf('waits')

/**
 * Events of a synthetic run (complete or block, with a handoff, of a task that nobody claimed) also have that run's id;
 * without a handoff there is no run, and the same kinds are written with `run_id` NULL.
 *
 * @returns whether rows of this kind have a run id
 */
export function isRunScoped(kind: EventKind): kind is RunEventKind {
  return (RUN_EVENT_KINDS as readonly string[]).includes(kind)
}
