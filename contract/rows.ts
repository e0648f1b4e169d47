import { z } from 'zod'
import { ERROR_CODES } from './errors.ts'
import { EVENT_KINDS } from './events.ts'
import {
  BLOCK_KINDS,
  MERGE_METHODS,
  MERGE_STATES,
  RUN_OUTCOMES,
  SHOWN_OUTCOMES,
  RUN_TRIGGERS,
  TASK_STATUSES,
  WORKSPACE_KINDS,
} from './states.ts'

/**
 * Rows as callers get them. Property names are the column names; absent values are null, never missing; `*_at` are
 * milliseconds since the epoch.
 */

const at = z.int()
const maybeAt = at.nullable()
const maybeText = z.string().nullable()
const object = z.record(z.string(), z.json())

export const taskStatus = z.enum(TASK_STATUSES)
export const outcome = z.enum(RUN_OUTCOMES)

export const task = z
  .object({
    id: z.string(),
    title: z.string(),
    body: maybeText,
    status: taskStatus,
    assignee: maybeText,
    priority: z.int(),
    tenant: maybeText,
    created_by: z.string(),
    created_at: at,
    updated_at: at,
    started_at: maybeAt,
    completed_at: maybeAt,
    not_before_at: maybeAt,
    retry_at: maybeAt,
    ready_at: maybeAt,
    held: z.boolean(),
    held_reason: maybeText,
    block_kind: z.enum(BLOCK_KINDS).nullable(),
    block_reason: maybeText,
    workspace_kind: z.enum(WORKSPACE_KINDS),
    workspace_path: maybeText,
    branch: maybeText,
    base_ref: maybeText,
    result: maybeText,
    idempotency_key: maybeText,
    consecutive_failures: z.int(),
    last_failure_error: maybeText,
    max_runtime_seconds: z.int().nullable(),
    max_retries: z.int().nullable(),
    skills: z.array(z.string()),
    model: maybeText,
    verify_command: maybeText,
    current_run_id: z.int().nullable(),
    workflow_template_id: maybeText,
    current_step_key: maybeText,
    /** The triage task that this one plans. */
    plan_of: maybeText,
    /** The task whose workspace this one shares. */
    workspace_of: maybeText,
    /** Fields that a planner proposed and nobody has accepted yet; the task is held until a person releases it. */
    proposed_fields: z.array(z.string()).nullable(),
    /** Whether its work was merged when last checked; null without a worktree, or before the first check. */
    merge_state: z.enum(MERGE_STATES).nullable(),
    merged_at: maybeAt,
    merged_by: maybeText,
    /** The branch that its work was merged into. */
    merged_into: maybeText,
    /** The merge commit, or the commit that contains the work if a person merged it another way. */
    merged_commit: maybeText,
    /** The merged work is the range between these two commits. */
    merged_base: maybeText,
    merged_head: maybeText,
    labels: z.array(z.string()),
    /** When a person wants it done; nothing happens by itself then. */
    due_at: maybeAt,
    /** Its place among cards of the same priority, if a person chose it; see `task.rank`. */
    rank: z.number().nullable(),
    /** The open walk through a workflow; while it is set, the engine writes `workflow_template_id` and `current_step_key`. */
    workflow_run_id: z.int().nullable(),
  })
  .meta({ id: 'Task' })
export type Task = z.infer<typeof task>

/** What Runboard observed of a run, as opposed to what its worker reported. */
export const observed = z
  .object({
    /** The model used: the task’s, else the profile’s. */
    model: z.string(),
    git_head_before: z.string(),
    git_head_after: z.string(),
    /** What this attempt changed; the list is cut at 200. */
    files_changed: z.array(z.string()),
    files_changed_count: z.int(),
    /** Number of files with uncommitted changes. */
    dirty_files: z.int(),
    /**
     * Number of files in the diff of the task’s work so far, committed or not, and how many of them have uncommitted
     * changes.
     */
    work_files_count: z.int(),
    work_uncommitted: z.int(),
    commits_ahead: z.int(),
    peak_rss_bytes: z.int(),
    log_bytes: z.int(),
    verify_exit_code: z.int(),
    verify_output: z.string(),
    /** The commit that the check passed on; null when it failed, or files were not committed. */
    verify_head: z.string().nullable(),
    /** The file with all output of the check. */
    verify_log_path: z.string(),
    leftover_pids: z.array(z.int()),
    /** Processes that hide where they came from, so they may or may not belong to this run; none of them is stopped. */
    possible_leftover_pids: z.array(z.int()),
  })
  .partial()
  .catchall(z.json())
export type Observed = z.infer<typeof observed>

export const run = z
  .object({
    id: z.int(),
    task_id: z.string(),
    attempt: z.int(),
    profile: maybeText,
    step_key: maybeText,
    trigger: z.enum(RUN_TRIGGERS),
    outcome: outcome.nullable(),
    worker_pid: z.int().nullable(),
    host: maybeText,
    claim_expires_at: maybeAt,
    max_runtime_seconds: z.int().nullable(),
    ready_at: maybeAt,
    started_at: at,
    spawned_at: maybeAt,
    first_output_at: maybeAt,
    last_heartbeat_at: maybeAt,
    last_heartbeat_note: maybeText,
    stop_requested_at: maybeAt,
    stop_outcome: outcome.nullable(),
    ended_at: maybeAt,
    elapsed_ms: z.int(),
    exit_code: z.int().nullable(),
    signal: maybeText,
    summary: maybeText,
    metadata: object.nullable(),
    error: maybeText,
    /** The one line of the error that explains it best. */
    headline: maybeText,
    error_fingerprint: maybeText,
    log_path: maybeText,
    command: z.array(z.string()).nullable(),
    workspace_path: maybeText,
    observed: observed.nullable(),
    usage: object.nullable(),
    /** The branch that the worktree's work is meant for; null when it did not start from a branch. */
    base_branch: maybeText,
    /** The commit that the worktree started from. */
    base_commit: maybeText,
    /** The visit to a step of a workflow that it belongs to, and the verdict that it gave. */
    visit_id: z.int().nullable(),
    verdict: maybeText,
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof run>

/** A run in lists of the whole board. */
export const listedRun = run
  .extend({
    /** The title of its task. */
    title: z.string(),
    /** How many other tasks had the same `error_fingerprint`. */
    same_error_tasks: z.int(),
  })
  .meta({ id: 'ListedRun' })
export type ListedRun = z.infer<typeof listedRun>

export const event = z
  .object({
    id: z.int(),
    task_id: maybeText,
    run_id: z.int().nullable(),
    kind: z.enum(EVENT_KINDS),
    payload: object.nullable(),
    actor: z.string(),
    created_at: at,
  })
  .meta({ id: 'Event' })
export type BoardEvent = z.infer<typeof event>

export const comment = z
  .object({
    id: z.int(),
    task_id: z.string(),
    run_id: z.int().nullable(),
    author: z.string(),
    body: z.string(),
    created_at: at,
  })
  .meta({ id: 'Comment' })
export type Comment = z.infer<typeof comment>

/** What keeps a ready (or waiting) task from running now. */
export const GATES = [
  'no_assignee',
  'unknown_profile',
  'held',
  'not_before',
  'retry_at',
  'profile_held',
  'board_limit',
  'profile_limit',
  'app_limit',
  'paused',
  'no_dispatcher',
  'workspace_busy',
  'low_memory',
  'open_parents',
  'parents_not_merged',
  'blocked',
  'triage',
  'review',
] as const
export type Gate = (typeof GATES)[number]

export const why = z
  .object({
    gate: z.enum(GATES),
    sentence: z.string(),
    /** When the gate opens automatically, if that is known. */
    clears_at: maybeAt,
    /** The one action that would open it, as a verb of the CLI with its arguments, if there is one. */
    action: maybeText,
  })
  .nullable()
export type Why = z.infer<typeof why>

export const card = task
  .extend({
    parents: z.array(z.string()),
    children: z.array(z.string()),
    open_parents: z.array(z.string()),
    comment_count: z.int(),
    children_done: z.int(),
    /** Parents that are done but not merged. */
    unmerged_parents: z.array(z.string()),
    /**
     * How many files of its work were not committed when its last attempt ended; null where its work is merged, discarded,
     * or not a worktree's.
     */
    uncommitted_files: z.int().nullable(),
    attempt_count: z.int(),
    last_outcome: outcome.nullable(),
    /** The outcome as people see it: a run that exited well without its report is not shown as crashed. */
    last_shown_outcome: z.enum(SHOWN_OUTCOMES).nullable(),
    latest_summary: maybeText,
    /** Names of the long texts that are cut to their beginning; `show` has each in full. Absent when there are none. */
    clipped: z.array(z.string()).optional(),
    /** For running cards: fields of the open run. */
    run_started_at: maybeAt,
    run_heartbeat_at: maybeAt,
    run_heartbeat_note: maybeText,
    why,
  })
  .meta({ id: 'Card' })
export type Card = z.infer<typeof card>

/** A file of a task: given to it by a person, or handed over by a run. */
export const attachment = z
  .object({
    id: z.int(),
    task_id: z.string(),
    /** The run that handed it over; null when it was given to the task. */
    run_id: z.int().nullable(),
    name: z.string(),
    /** From its first bytes, not from its name. */
    media_type: z.string(),
    size_bytes: z.int(),
    sha256: z.string(),
    added_by: z.string(),
    created_at: at,
    /** Absolute; a worker reads it there. */
    path: z.string(),
  })
  .meta({ id: 'Attachment' })
export type Attachment = z.infer<typeof attachment>

/** The older parts that an answer about a large task leaves out, with their counts. */
export const omitted = z
  .object({
    comments: z.int(),
    events: z.int(),
    runs: z.int(),
    /** What is left out, and the command that shows it. */
    sentence: z.string(),
  })
  .meta({ id: 'Omitted' })
export type Omitted = z.infer<typeof omitted>

/** What a list leaves out because an answer has a maximum size. */
export const omittedTasks = z.object({
  tasks: z.int(),
  /** How many are left out, and how to read them. */
  sentence: z.string(),
})

export const taskDetail = z
  .object({
    task,
    comments: z.array(comment),
    events: z.array(event),
    links: z.object({ parents: z.array(z.string()), children: z.array(z.string()) }),
    /** Parents that are done but not merged. */
    unmerged_parents: z.array(z.string()),
    runs: z.array(run),
    attachments: z.array(attachment),
    why,
    /** Absent when everything is included. */
    omitted: omitted.optional(),
  })
  .meta({ id: 'TaskDetail' })
export type TaskDetail = z.infer<typeof taskDetail>

export const boardSettings = z.object({
  max_running: z.int().nullable(),
  failure_limit: z.int().nullable(),
  stale_after_seconds: z.int().nullable(),
  default_workspace: maybeText,
  /** Whether planned tasks run without a person's acceptance. */
  accept_plans: z.boolean(),
  /** How the work of a task is merged unless the call says otherwise. */
  merge_method: z.enum(MERGE_METHODS),
  /** Whether a task waits until the work of its parents is merged, and not only done. */
  wait_for_merge: z.boolean(),
  paused: z.boolean(),
})

export const board = z
  .object({
    slug: z.string(),
    name: z.string(),
    icon: maybeText,
    color: maybeText,
    project_dir: maybeText,
    created_at: at,
    archived: z.boolean(),
    current: z.boolean(),
    path: z.string(),
    /** The board's name in the archive; null if it is not archived. */
    archived_as: maybeText,
    /** It was imported: nothing on it runs until a person accepts what it would run. */
    unaccepted: z.boolean(),
    settings: boardSettings,
    counts: z.record(taskStatus, z.int()),
    /** Why its file cannot be opened, and what to do; null when it can. Without the file, all counts are 0. */
    problem: maybeText,
  })
  .meta({ id: 'Board' })
export type Board = z.infer<typeof board>

/** Parsers that extract tokens, cost and last words from an agent's events. */
export const USAGE_PARSERS = ['none', 'claude-json', 'codex-json', 'gemini-json', 'opencode-json'] as const
export const CAPABILITIES = ['worker', 'planner', 'reviewer'] as const
export const COMPLETIONS = ['explicit', 'exit-code'] as const

export const profile = z
  .object({
    name: z.string(),
    description: maybeText,
    command: z.array(z.string()).nullable(),
    shell: maybeText,
    env: z.record(z.string(), z.string()),
    stdin: z.enum(['none', 'context']),
    completion: z.enum(COMPLETIONS),
    max_concurrent: z.int().nullable(),
    max_runtime_seconds: z.int().nullable(),
    failure_limit: z.int().nullable(),
    backoff_seconds: z.int().nullable(),
    model: maybeText,
    rate_limit_pattern: maybeText,
    rate_limit_exit_codes: z.array(z.int()),
    failure_pattern: maybeText,
    usage_parser: z.enum(USAGE_PARSERS),
    capabilities: z.array(z.enum(CAPABILITIES)),
  })
  .meta({ id: 'Profile' })
export type Profile = z.infer<typeof profile>

/** A profile in lists: with its use, and why it is held. */
export const profileState = profile
  .extend({
    running: z.int(),
    executable: maybeText,
    executable_error: maybeText,
    held_since: maybeAt,
    held_why: maybeText,
    held_until: maybeAt,
  })
  .meta({ id: 'ProfileState' })
export type ProfileState = z.infer<typeof profileState>

/** An open run with its process. */
export const worker = z
  .object({
    run_id: z.int(),
    task_id: z.string(),
    title: z.string(),
    attempt: z.int(),
    profile: maybeText,
    worker_pid: z.int().nullable(),
    alive: z.boolean(),
    memory_bytes: z.int().nullable(),
    started_at: at,
    spawned_at: maybeAt,
    elapsed_ms: z.int(),
    last_output_at: maybeAt,
    last_output: maybeText,
    last_heartbeat_at: maybeAt,
    last_heartbeat_note: maybeText,
    log_path: maybeText,
    workspace_path: maybeText,
    command: z.array(z.string()).nullable(),
    stop_requested_at: maybeAt,
    /** When it reported, if its process is still running. */
    ended_at: maybeAt,
  })
  .meta({ id: 'Worker' })
export type Worker = z.infer<typeof worker>

/** Which process dispatches a board, as the header shows it. */
export const dispatcherState = z
  .object({
    /** `here`: the answering process; `elsewhere`: another living process; `none`: no process. */
    who: z.enum(['here', 'elsewhere', 'none']),
    holder: maybeText,
    pid: z.int().nullable(),
    paused: z.boolean(),
    running: z.int(),
    limit: z.int(),
  })
  .meta({ id: 'DispatcherState' })
export type DispatcherState = z.infer<typeof dispatcherState>

/** A command that an imported board would run, or a folder that one would run in. */
export const wouldRun = z
  .object({
    kind: z.enum(['project', 'workspace', 'setting', 'profile', 'check']),
    text: z.string(),
    task_id: maybeText,
  })
  .meta({ id: 'WouldRun' })
export type WouldRun = z.infer<typeof wouldRun>

/** `would_run` has the first 500 of `would_run_total`. */
export const wouldRunAnswer = { would_run: z.array(wouldRun), would_run_total: z.int() }

export const errorBody = z.object({
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), data: object.optional() }),
})
