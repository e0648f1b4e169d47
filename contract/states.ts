/**
 * The states of a task and the outcomes of a run, as data.
 *
 * The CHECK constraints of the schema, docs/states.md, the targets of drag and drop and the property tests are derived
 * from these lists or tested against them. No other code may spell out a status or an outcome.
 */

export const TASK_STATUSES = [
  'triage',
  'todo',
  'ready',
  'running',
  'review',
  'blocked',
  'done',
  'archived',
] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** What each status means, for people. */
export const STATUS_MEANINGS: Record<TaskStatus, string> = {
  triage: 'an idea; it never runs until a person or a planner run specifies it',
  todo: 'waits for parents that are neither done nor archived',
  ready: 'may be claimed as soon as its gates are open',
  running: 'has exactly one open run',
  review: 'the worker asked a person to look',
  blocked: 'needs a person; it never leaves by itself',
  done: 'finished',
  archived: 'off the board',
}

/** A parent with one of these statuses no longer holds its children back. The only predicate for that question. */
export const SATISFIED_STATUSES = ['done', 'archived'] as const satisfies readonly TaskStatus[]

/**
 * @param status the status of a parent task
 * @returns whether this parent lets its children run
 */
export function isSatisfied(status: TaskStatus): boolean {
  return (SATISFIED_STATUSES as readonly TaskStatus[]).includes(status)
}

/** Whether the work on a task is over: it is done or archived. */
export function hasEnded({ status }: { status: TaskStatus }): boolean {
  return isSatisfied(status)
}

/** Neither done nor archived: there is work left. */
export const UNFINISHED_STATUSES = TASK_STATUSES.filter((status) => !isSatisfied(status))

export const BLOCK_KINDS = ['needs_input', 'capability', 'gave_up', 'unreported'] as const
export type BlockKind = (typeof BLOCK_KINDS)[number]

/** Whether a blocked task waits for a person's answer. The other two kinds are blocked by their failure. */
export function waitsForAnswer(task: { status: TaskStatus; block_kind: BlockKind | null }): boolean {
  return task.status === 'blocked' && task.block_kind !== 'gave_up' && task.block_kind !== 'unreported'
}

/** Whether a person must act on a task: it is blocked or in review, or its run waits for an answer. */
export function needsPerson(task: { status: TaskStatus; why: { gate: string } | null }): boolean {
  return task.status === 'blocked' || task.status === 'review' || task.why?.gate === 'question'
}

/** The block kinds that a caller may name; the dispatcher sets the other two. */
export const CALLER_BLOCK_KINDS = ['needs_input', 'capability'] as const

export const WORKSPACE_KINDS = ['scratch', 'dir', 'worktree'] as const
export type WorkspaceKind = (typeof WORKSPACE_KINDS)[number]

/**
 * The state of the work in a task's worktree. `nothing`: there is none. `not_merged`: commits or uncommitted files that
 * the target branch does not have.
 */
export const MERGE_STATES = ['nothing', 'not_merged', 'merged'] as const
export type MergeState = (typeof MERGE_STATES)[number]

/** Whether a task is over, but its work is only on its own branch. */
export function isUnmerged(task: { status: TaskStatus; merge_state: MergeState | null }): boolean {
  return task.merge_state === 'not_merged' && hasEnded(task)
}

/** How a merge brings work in: with all of its commits, or as one commit. */
export const MERGE_METHODS = ['merge', 'squash'] as const
export type MergeMethod = (typeof MERGE_METHODS)[number]

export const RUN_TRIGGERS = ['dispatcher', 'human', 'cli', 'mcp', 'api'] as const
export type RunTrigger = (typeof RUN_TRIGGERS)[number]

/** How an outcome affects the task's counter of consecutive failures. */
export type FailureEffect = 'counts' | 'resets' | 'none'

export interface OutcomeRule {
  /** When a run ends this way. */
  when: string
  failure: FailureEffect
}

export const OUTCOMES = {
  completed: { when: 'the worker, or a person, completed it', failure: 'resets' },
  review_requested: { when: 'the worker asked for review', failure: 'resets' },
  blocked: { when: 'it blocked with a reason', failure: 'none' },
  crashed: {
    when: 'the process went away, exited non-zero, or exited 0 without the report it owed',
    failure: 'counts',
  },
  timed_out: { when: 'max_runtime_seconds passed and the process tree was stopped', failure: 'counts' },
  stale: { when: 'alive, but without output and heartbeat for the stale limit', failure: 'counts' },
  spawn_failed: { when: 'the process could not be started, or the workspace not made', failure: 'counts' },
  gave_up: { when: 'the start failed, and that was the last allowed failure', failure: 'counts' },
  rate_limited: { when: 'exit 75 or the profile’s pattern: parked until the reset time', failure: 'none' },
  reclaimed: { when: 'the claim lapsed or was lost, or a person took the task away', failure: 'none' },
  stopped: { when: 'a person pressed stop', failure: 'none' },
  verify_failed: {
    when: 'an exit-code worker finished, but verify_command failed',
    failure: 'counts',
  },
} as const satisfies Record<string, OutcomeRule>

export type Outcome = keyof typeof OUTCOMES
export const RUN_OUTCOMES = Object.keys(OUTCOMES) as [Outcome, ...Outcome[]]

/**
 * An outcome as people see it. A run that exited well without the report that its profile requires is `crashed` in the
 * data, where it counts as a failure. To a person nothing has crashed, and the work may be done.
 */
export const SHOWN_OUTCOMES = [...RUN_OUTCOMES, 'ended_without_a_report'] as const
export type ShownOutcome = Outcome | 'ended_without_a_report'

/** The outcomes that a person can request for an open run; its process is stopped first. */
export const STOP_OUTCOMES = ['stopped', 'reclaimed'] as const satisfies readonly Outcome[]
export type StopOutcome = (typeof STOP_OUTCOMES)[number]

/** The outcomes that a person should be notified about. Each is also the kind of an event. */
export type FailureOutcome = {
  [K in Outcome]: (typeof OUTCOMES)[K]['failure'] extends 'counts' ? K : never
}[Outcome]
export const FAILURE_OUTCOMES: readonly Outcome[] = RUN_OUTCOMES.filter(
  (outcome) => OUTCOMES[outcome].failure === 'counts',
)

/**
 * Whether the last attempt failed and nothing has happened since: no success, no new run, no answer and no
 * reassignment. A run that exited well without its report is not counted: it waits for a person. The counts in header
 * and tray, the filter, and the marks on cards all use this.
 */
export function hasFailed(task: {
  status: TaskStatus
  block_kind: BlockKind | null
  consecutive_failures: number
  last_outcome: Outcome | null
}): boolean {
  if (task.status === 'done' || task.status === 'archived' || task.status === 'running') return false
  if (task.block_kind === 'unreported' || task.consecutive_failures === 0) return false
  return task.last_outcome !== null && FAILURE_OUTCOMES.includes(task.last_outcome)
}

/** The verbs that change a task's status. `auto` marks the edges that Runboard itself takes. */
export const TRANSITION_VERBS = [
  'promote',
  'claim',
  'complete',
  'request_review',
  'approve',
  'request_changes',
  'block',
  'unblock',
  'stop',
  'reclaim',
  'reopen',
  'archive',
  'restore',
  'end_of_run',
  'parents_satisfied',
  'parent_opened',
  'advance',
] as const
export type TransitionVerb = (typeof TRANSITION_VERBS)[number]

export interface Edge {
  from: TaskStatus
  to: TaskStatus
  verb: TransitionVerb
  /** Taken by Runboard itself; a caller cannot request it. */
  auto?: true
}

/** The statuses of a card whose walk through a workflow is open. */
const WALKING_STATUSES = ['triage', 'todo', 'ready', 'running', 'review', 'blocked'] as const
/** The statuses that a step of a workflow, or the end of the walk, gives its card. */
const STEP_STATUSES = ['todo', 'ready', 'review', 'blocked', 'done'] as const

/** Every legal change of status. No other change happens. */
export const EDGES: readonly Edge[] = [
  { from: 'triage', to: 'todo', verb: 'promote' },
  { from: 'triage', to: 'ready', verb: 'promote' },
  { from: 'todo', to: 'ready', verb: 'parents_satisfied', auto: true },
  { from: 'ready', to: 'todo', verb: 'parent_opened', auto: true },
  { from: 'ready', to: 'running', verb: 'claim' },

  { from: 'running', to: 'done', verb: 'complete' },
  { from: 'running', to: 'review', verb: 'request_review' },
  { from: 'running', to: 'blocked', verb: 'block' },
  { from: 'running', to: 'ready', verb: 'stop' },
  { from: 'running', to: 'todo', verb: 'stop' },
  { from: 'running', to: 'ready', verb: 'reclaim' },
  { from: 'running', to: 'todo', verb: 'reclaim' },
  { from: 'running', to: 'ready', verb: 'end_of_run', auto: true },
  { from: 'running', to: 'todo', verb: 'end_of_run', auto: true },
  { from: 'running', to: 'blocked', verb: 'end_of_run', auto: true },
  { from: 'running', to: 'done', verb: 'end_of_run', auto: true },

  { from: 'ready', to: 'done', verb: 'complete' },
  { from: 'blocked', to: 'done', verb: 'complete' },
  { from: 'review', to: 'done', verb: 'complete' },
  { from: 'review', to: 'done', verb: 'approve' },
  { from: 'review', to: 'ready', verb: 'request_changes' },
  { from: 'review', to: 'todo', verb: 'request_changes' },

  { from: 'todo', to: 'blocked', verb: 'block' },
  { from: 'ready', to: 'blocked', verb: 'block' },
  { from: 'blocked', to: 'ready', verb: 'unblock' },
  { from: 'blocked', to: 'todo', verb: 'unblock' },

  { from: 'done', to: 'ready', verb: 'reopen' },
  { from: 'done', to: 'todo', verb: 'reopen' },

  // The next step of a workflow decides the status of its card.
  ...WALKING_STATUSES.flatMap((from) =>
    STEP_STATUSES.map((to): Edge => ({ from, to, verb: 'advance', auto: true })),
  ),

  ...TASK_STATUSES.filter((from) => from !== 'archived').map((from): Edge => ({
    from,
    to: 'archived',
    verb: 'archive',
  })),
  ...TASK_STATUSES.filter((to) => to !== 'archived' && to !== 'running').map((to): Edge => ({
    from: 'archived',
    to,
    verb: 'restore',
  })),
]

/**
 * @returns whether the table of edges has this change of status
 */
export function isLegalEdge(from: TaskStatus, to: TaskStatus, verb: TransitionVerb): boolean {
  return EDGES.some((edge) => edge.from === from && edge.to === to && edge.verb === verb)
}

/** @returns the statuses in which a person or a worker may use the verb */
export function statusesFor(verb: TransitionVerb): TaskStatus[] {
  const from = EDGES.filter((edge) => edge.verb === verb && edge.auto === undefined).map((edge) => edge.from)
  return [...new Set(from)]
}

/**
 * The verb that `move` uses for a task in `from` that should end in `to`.
 *
 * @returns the verb, or null if no verb of a person leads there
 */
export function verbForMove(from: TaskStatus, to: TaskStatus): TransitionVerb | null {
  if (from === 'review' && to === 'done') return 'approve'
  if (from === 'running' && (to === 'ready' || to === 'todo')) return 'reclaim'
  const edge = EDGES.find(
    (candidate) =>
      candidate.from === from &&
      candidate.to === to &&
      candidate.auto === undefined &&
      candidate.verb !== 'claim',
  )
  return edge?.verb ?? null
}

/** @returns the statuses to which a person can move a task from `from`: the targets of drag and drop */
export function legalTargets(from: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((to) => verbForMove(from, to) !== null)
}
