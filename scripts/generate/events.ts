import {
  ATTENTION_EVENT_KINDS,
  BOARD_EVENT_KINDS,
  type EventKind,
  FAILURE_EVENT_KINDS,
  RUN_EVENT_KINDS,
  TASK_EVENT_KINDS,
} from '../../contract/events.ts'

/** When each kind is written, and what its payload contains. A kind without an entry does not compile. */
const KINDS: Record<EventKind, { when: string; payload: string }> = {
  claimed: { when: 'a run was opened', payload: '`attempt`, `profile`, `expires_at`' },
  spawned: { when: 'its process was started', payload: '`pid`' },
  heartbeat: { when: 'a sign of life from the worker; at most one a minute is written', payload: '`note`' },
  completed: {
    when: 'the task was completed',
    payload: '`summary` (first line), `created_cards`; at a step of a workflow also `step`, `verdict`',
  },
  review_requested: {
    when: 'the worker asked for review',
    payload: '`summary` (first line); at a step of a workflow also `step`',
  },
  blocked: {
    when: 'the task was blocked',
    payload: '`reason`, `kind`; at a step with such a verdict `verdict`',
  },
  crashed: {
    when: 'the process disappeared or failed',
    payload:
      '`error`, `failures`, `retry_at`, `exit_code`, `signal`; `rate_limited` and `stated` if rate limits in a row count as a failure',
  },
  protocol_violation: {
    when: 'the worker exited with 0 but without its report',
    payload: '`error`, `last_output`',
  },
  timed_out: {
    when: 'the time limit passed',
    payload: '`error`, `failures`, `retry_at`, `exit_code`, `signal`',
  },
  stale: {
    when: 'neither output nor heartbeat for too long',
    payload: '`error`, `failures`, `retry_at`, `exit_code`, `signal`',
  },
  spawn_failed: {
    when: 'the process could not be started',
    payload: '`error`, `failures`, `retry_at`, `exit_code`, `signal`',
  },
  gave_up: {
    when: 'that was the last failure allowed',
    payload: '`failures`, `effective_limit`, `limit_source`, `error`',
  },
  verify_failed: {
    when: 'the check of an exit-code worker failed',
    payload: '`error`, `failures`, `retry_at`, `exit_code`, `signal`',
  },
  rate_limited: {
    when: 'the worker hit a rate limit',
    payload:
      '`until`, `error`, `stated` (whether the tool said when it ends), `refused` (a time it said that cannot be meant)',
  },
  reclaimed: { when: 'the run was taken back', payload: '`reason`, `exit_code`, `signal` or `expired_at`' },
  stop_requested: {
    when: 'a person asked for the end of the run',
    payload: '`outcome`, `status`, `by_move`',
  },
  stopped: { when: 'the worker was stopped by a person', payload: '`reason`, `exit_code`, `signal`' },
  late_write: {
    when: 'a worker reported on a run that was over, or a person answered a question of one',
    payload: '`verb`, and what was said',
  },
  cards_rejected: {
    when: 'a completion named tasks that its run did not create',
    payload: '`unknown`, `claimed`',
  },
  files_put_back: {
    when: 'the check between two joins changed files that git tracks; they are as before, and the changes are kept',
    payload: '`ref`, which has the changes',
  },
  session_resumed: {
    when: 'the run continues the session of an earlier run',
    payload: '`from_run`, `attempt` (of that run), `session_id`',
  },
  session_refused: {
    when: 'the agent refused to continue that session; the same run begins again with a fresh one',
    payload: '`from_run`, `attempt` (of that run), `session_id`, `error`',
  },
  question_asked: {
    when: 'the worker asked a question and waits for the answer; the task stays running',
    payload: '`question_id`, `kind`, `title` (first line)',
  },
  question_answered: {
    when: 'a person answered the question',
    payload: '`question_id`, `option`, `text` (first line); a form is only in the question',
  },
  question_withdrawn: {
    when: 'the question was withdrawn, its run ended, or nobody answered in time',
    payload:
      '`question_id`, `why`: `withdrawn` (by its worker or a person), `timeout`, `run_ended`, or `blocked` (the task was blocked with it)',
  },
  message_told: {
    when: 'a person sent a message to the worker; without a run, to the next attempt',
    payload: '`message_id`, `text` (first line)',
  },
  message_delivered: {
    when: 'the worker has taken the message, or its context has it',
    payload: '`message_id`, `how` (`during the turn`, `in a turn of its own`, `in its context`)',
  },
  created: {
    when: 'the task was created',
    payload:
      '`status`, `assignee`, `parents`, `children`, `tenant`, `by_run`; of a planner `plan_of`; of an item `item`, `item_of` and, in a project of its own, `project_dir`',
  },
  promoted: {
    when: 'it became ready, or left triage',
    payload: '`parent` or `from`, `plan` (whether its plan was accepted)',
  },
  demoted: { when: 'a parent is open again', payload: '`parent`' },
  assigned: { when: 'it was given to a profile', payload: '`assignee`, `from`' },
  edited: {
    when: 'fields were changed',
    payload: '`fields`, `from`: their values before; `retry_at` and `reason` when the clock was set back',
  },
  reprioritized: { when: 'its priority was changed', payload: '`priority`, `from`' },
  ranked: {
    when: 'a person chose its place in its column',
    payload: '`before`, `after` (the task beside it) or `place`',
  },
  linked: { when: 'it waits for another task', payload: '`parent`, `child`' },
  unlinked: { when: 'it no longer waits for it', payload: '`parent`, `child`' },
  commented: { when: 'a comment was written', payload: '`comment_id`, `author`' },
  attached: {
    when: 'a file was given to it, or handed over by a run',
    payload: '`attachment_id`, `name`, `size_bytes`, `by_run`',
  },
  detached: { when: 'a file was taken away; it is in the board’s trash', payload: '`attachment_id`, `name`' },
  held: { when: 'it was parked', payload: '`reason`, `proposed` (fields that a planner chose)' },
  released: { when: 'it was released', payload: '`accepted` (fields that a planner had proposed)' },
  scheduled: { when: 'its earliest time was set', payload: '`not_before_at`' },
  retried: { when: 'a person made it claimable now', payload: '`note`, `session` (`resume` or `fresh`)' },
  moved: {
    when: 'it was moved by hand; written with the event of the verb that did it',
    payload: '`from`, `to`',
  },
  merged: {
    when: 'its work was merged, by Runboard or by hand',
    payload:
      '`into`, `commit`, `base`, `head` (the merged work lies between these), `at`, `by`, `source` (`merge`: by Runboard, `found`: seen in git, `marked`: said by a person)',
  },
  merge_reverted: {
    when: 'its merge was reverted by a new commit',
    payload: '`into`, `commit` (the new one), `reverted` (the merge), `base`, `head` (of the merged work)',
  },
  cleaned_up: {
    when: 'the worktree and the branch of merged work were removed',
    payload: '`moved_to` (in the trash), `branch`',
  },
  discarded: { when: 'its worktree was put into the trash', payload: '`moved_to`, `branch`' },
  approved: {
    when: 'the work was accepted',
    payload:
      '`note`; at a step of a workflow `step`, `verdict`, `edited` (the `list`, and how many items were `added`, `removed`, `changed`, `moved`)',
  },
  changes_requested: {
    when: 'the work was sent back',
    payload:
      '`note`, `attempt` and `commit` (what was reviewed), `remarks` (on lines); at a step of a workflow `note`, `step`, `verdict`, `edited` as in `approved`',
  },
  unblocked: {
    when: 'a person unblocked it',
    payload: '`answer`, `session` (`resume` or `fresh`); after a limit of rounds `step`, `one_more_round`',
  },
  reopened: { when: 'it was taken up again', payload: '`note`' },
  archived: { when: 'it was taken off the board', payload: '`from`' },
  restored: { when: 'it was brought back', payload: '`to`' },
  profile_held: { when: 'a profile starts nothing for now', payload: '`profile`, `why`, `tasks` or `until`' },
  profile_released: { when: 'a profile is released', payload: '`profile`' },
  profile_changed: {
    when: 'a profile for which tasks are ready was added, changed or removed, seen by the dispatcher',
    payload: '`profile`',
  },
  dispatcher_paused: { when: 'the board was paused', payload: '' },
  dispatcher_resumed: {
    when: 'the board dispatches again',
    payload: '`accepted` (a person accepted what a board from outside would run)',
  },
  imported: {
    when: 'an event of the system it was imported from that has no kind of its own here',
    payload: '`hermes_kind` and what it said there',
  },
  workflow_started: {
    when: 'it started a workflow',
    payload:
      '`workflow_run_id`, `workflow`, `version`, `retried_from` (the id of the visit from which it starts again)',
  },
  step_entered: {
    when: 'it entered a step',
    payload: '`step`, `visit`, `from`, `via`, `profile`, `round` and `of` (the limit)',
  },
  step_left: { when: 'a visit to a step ended', payload: '`step`, `visit`, `verdict`' },
  step_skipped: {
    when: 'a person skipped a step by choosing its verdict',
    payload: '`step`, `verdict`, `reason`',
  },
  went_back: {
    when: 'a person sent it to another step',
    payload: '`from`, `to`, `reason`',
  },
  items_created: {
    when: 'its map step made a card for each item',
    payload: '`step`, `visit`, `count`',
  },
  item_let_go: {
    when: 'it no longer waits for one of its items; the card of the item is held, unless it is done',
    payload: '`step`, `visit`, `item`, `task`, `reason`',
  },
  item_joined: {
    when: 'the branch of one of its items was joined into its own branch',
    payload: '`step`, `visit`, `item`, `task`, `into`, `commit`',
  },
  item_sent_back: {
    when: 'the branch of one of its items could not be joined; the item is done again',
    payload: '`step`, `visit`, `item`, `task`, `why`: `conflict` or `check_failed`, `files`, `sentence`',
  },
  rounds_used_up: {
    when: 'a loop of its workflow reached its limit; it is blocked',
    payload: '`step`, `verdict`, `to`, `why`',
  },
  no_progress: {
    when: 'a round of a loop changed nothing; it is blocked',
    payload: '`step`, `verdict`, `to`, `why`',
  },
  workflow_ended: { when: 'its walk ended', payload: '`workflow_run_id`, `end`, `state`, `reason`' },
  board_restored: { when: 'a backup took the place of the board’s file', payload: '`from`, `set_aside`' },
  task_deleted: { when: 'an archived task was deleted', payload: '`id`, `title`, `parents`, `children`' },
}

function table(kinds: readonly EventKind[]): string {
  const rows = kinds.map((kind) => `| \`${kind}\` | ${KINDS[kind].when} | ${KINDS[kind].payload} |`)
  return ['| kind | when | payload |', '|---|---|---|', ...rows].join('\n')
}

function list(kinds: readonly EventKind[]): string {
  return kinds.map((kind) => `\`${kind}\``).join(', ')
}

/** @returns the text of docs/events.md, generated from contract/events.ts and the table above */
export function eventsDocument(): string {
  return `# Events

Made from [contract/events.ts](../contract/events.ts) by \`npm run generate\`; do not edit it here.

Each change of a board writes its event in the same transaction, so the log of events is the whole story: live views,
notifications, the inbox and \`runboard watch\` read it by cursor. An event is
\`{ id, task_id, run_id, kind, payload, actor, created_at }\`; \`id\` is the cursor, and absent values are null. Not every
event has every field of its payload.
No \`id\` is given twice on a board, also after a restore, which writes \`board_restored\`. A cursor beyond the newest event
belongs to another file that stood there before: the log is then followed from now on.

\`\`\`sh
runboard watch --json                     # from now on, one line an event
runboard watch --since 0 --kinds ${FAILURE_EVENT_KINDS.slice(0, 2).join(',')}
runboard tail ID                          # those of one task
\`\`\`

## Of a run

Their rows carry \`run_id\`. (Completing or blocking a task that nobody claimed, with nothing to hand over, opens no run; the
event then has none.)

${table(RUN_EVENT_KINDS)}

## Of a task

Their \`run_id\` is null.

${table(TASK_EVENT_KINDS)}

## Of the board

Their \`task_id\` and \`run_id\` are null.

${table(BOARD_EVENT_KINDS)}

## What you are notified about

A run has failed: ${list(FAILURE_EVENT_KINDS)}. A task needs you: ${list(ATTENTION_EVENT_KINDS)}.
`
}
