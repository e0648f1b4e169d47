import { z } from 'zod'
import { lazily } from './lazily.ts'
import { at, maybeAt, maybeText, object } from './columns.ts'
import { ERROR_CODES } from './errors.ts'
import { EVENT_KINDS } from './events.ts'
import { question } from './question-rows.ts'
import { outcome, run } from './run-rows.ts'
import { ITEM_STATES } from './workflow-kinds.ts'
import { BLOCK_KINDS, MERGE_STATES, SHOWN_OUTCOMES, TASK_STATUSES, WORKSPACE_KINDS } from './states.ts'

/** Rows of tasks and of their parts, and the body of an error. `columns.ts` describes the format of rows. */

export const taskStatus = lazily(() => z.enum(TASK_STATUSES))

export const task = lazily(() =>
  z
    .object({
      id: z.string(),
      title: z.string(),
      body: maybeText(),
      status: taskStatus(),
      assignee: maybeText(),
      priority: z.int(),
      tenant: maybeText(),
      created_by: z.string(),
      created_at: at(),
      updated_at: at(),
      started_at: maybeAt(),
      completed_at: maybeAt(),
      not_before_at: maybeAt(),
      retry_at: maybeAt(),
      ready_at: maybeAt(),
      held: z.boolean(),
      held_reason: maybeText(),
      block_kind: z.enum(BLOCK_KINDS).nullable(),
      block_reason: maybeText(),
      workspace_kind: z.enum(WORKSPACE_KINDS),
      workspace_path: maybeText(),
      branch: maybeText(),
      base_ref: maybeText(),
      result: maybeText(),
      idempotency_key: maybeText(),
      consecutive_failures: z.int(),
      last_failure_error: maybeText(),
      max_runtime_seconds: z.int().nullable(),
      max_retries: z.int().nullable(),
      skills: z.array(z.string()),
      model: maybeText(),
      verify_command: maybeText(),
      current_run_id: z.int().nullable(),
      workflow_template_id: maybeText(),
      current_step_key: maybeText(),
      /** The triage task that this one plans. */
      plan_of: maybeText(),
      /** The task whose workspace this one shares. */
      workspace_of: maybeText(),
      /** Fields that a planner proposed and nobody has accepted yet; the task is held until a person releases it. */
      proposed_fields: z.array(z.string()).nullable(),
      /** Whether its work was merged when last checked; null without a worktree, or before the first check. */
      merge_state: z.enum(MERGE_STATES).nullable(),
      merged_at: maybeAt(),
      merged_by: maybeText(),
      /** The branch that its work was merged into. */
      merged_into: maybeText(),
      /** The merge commit, or the commit that contains the work if a person merged it another way. */
      merged_commit: maybeText(),
      /** The merged work is the range between these two commits. */
      merged_base: maybeText(),
      merged_head: maybeText(),
      labels: z.array(z.string()),
      /** When a person wants it done; nothing happens by itself then. */
      due_at: maybeAt(),
      /** Its place among cards of the same priority, if a person chose it; see `task.rank`. */
      rank: z.number().nullable(),
      /** The open walk through a workflow; while it is set, the engine writes `workflow_template_id` and `current_step_key`. */
      workflow_run_id: z.int().nullable(),
      /** The project folder that it works in; null for that of the board. Only a map step with `project` sets it. */
      project_dir: maybeText(),
    })
    .meta({ id: 'Task' }),
)
export type Task = z.infer<ReturnType<typeof task>>

export const event = lazily(() =>
  z
    .object({
      id: z.int(),
      task_id: maybeText(),
      run_id: z.int().nullable(),
      kind: z.enum(EVENT_KINDS),
      payload: object().nullable(),
      actor: z.string(),
      created_at: at(),
    })
    .meta({ id: 'Event' }),
)
export type BoardEvent = z.infer<ReturnType<typeof event>>

export const comment = lazily(() =>
  z
    .object({
      id: z.int(),
      task_id: z.string(),
      run_id: z.int().nullable(),
      author: z.string(),
      body: z.string(),
      created_at: at(),
    })
    .meta({ id: 'Comment' }),
)
export type Comment = z.infer<ReturnType<typeof comment>>

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
  'open_items',
  'item_limit',
  'parents_not_merged',
  'blocked',
  'triage',
  'review',
  'question',
] as const
export type Gate = (typeof GATES)[number]

export const why = lazily(() =>
  z
    .object({
      gate: z.enum(GATES),
      sentence: z.string(),
      /** When the gate opens automatically, if that is known. */
      clears_at: maybeAt(),
      /** The one action that would open it, as a verb of the CLI with its arguments, if there is one. */
      action: maybeText(),
    })
    .nullable(),
)
export type Why = z.infer<ReturnType<typeof why>>

/** The progress of a card through its workflow. */
const walkProgress = lazily(() =>
  z.object({
    /** The position of its step in the file, and the number of steps; both without ends and decisions. */
    at: z.int(),
    of: z.int(),
    /** The current round of the newest loop, and its limit; null before any loop. */
    round: z.int().nullable(),
    rounds: z.int().nullable(),
    /** At a map step: how many of its items have ended, and how many there are; null elsewhere. */
    items_done: z.int().nullable(),
    items: z.int().nullable(),
  }),
)
export type WalkProgress = z.infer<ReturnType<typeof walkProgress>>

export const card = lazily(() =>
  task()
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
      /** Null without a workflow. */
      progress: walkProgress().nullable(),
      attempt_count: z.int(),
      last_outcome: outcome().nullable(),
      /** The outcome as people see it: a run that exited well without its report is not shown as crashed. */
      last_shown_outcome: z.enum(SHOWN_OUTCOMES).nullable(),
      latest_summary: maybeText(),
      /** Names of the long texts that are cut to their beginning; `show` has each in full. Absent when there are none. */
      clipped: z.array(z.string()).optional(),
      /** For running cards: fields of the open run. */
      run_started_at: maybeAt(),
      run_heartbeat_at: maybeAt(),
      run_heartbeat_note: maybeText(),
      why: why(),
    })
    .meta({ id: 'Card' }),
)
export type Card = z.infer<ReturnType<typeof card>>

/** A file of a task: given to it by a person, or handed over by a run. */
export const attachment = lazily(() =>
  z
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
      created_at: at(),
      /** Absolute; a worker reads it there. */
      path: z.string(),
    })
    .meta({ id: 'Attachment' }),
)
export type Attachment = z.infer<ReturnType<typeof attachment>>

/** The older parts that an answer about a large task leaves out, with their counts. */
export const omitted = lazily(() =>
  z
    .object({
      comments: z.int(),
      events: z.int(),
      runs: z.int(),
      /** What is left out, and the command that shows it. */
      sentence: z.string(),
    })
    .meta({ id: 'Omitted' }),
)
export type Omitted = z.infer<ReturnType<typeof omitted>>

/** What a list leaves out because an answer has a maximum size. */
export const omittedTasks = lazily(() =>
  z.object({
    tasks: z.int(),
    /** How many are left out, and how to read them. */
    sentence: z.string(),
  }),
)

/** An item of a map step, with its card. */
export const workflowItem = lazily(() =>
  z
    .object({
      key: z.string(),
      /** From 1, in the order of the list. */
      position: z.int(),
      state: z.enum(ITEM_STATES),
      /** Null once the card was deleted. */
      task: z.object({ id: z.string(), title: z.string(), status: taskStatus() }).nullable(),
      /** Whether its branch is joined into that of the card that waits for it; null for an item without a branch to join. */
      joined: z.boolean().nullable(),
      /** Why joining sent it back, until it is joined; null when it did not. */
      put_right: z.string().nullable(),
    })
    .meta({ id: 'WorkflowItem' }),
)
export type WorkflowItem = z.infer<ReturnType<typeof workflowItem>>

/** The carrier of a card: the card at a map step that waits for it as an item. */
export const itemOf = lazily(() =>
  z
    .object({
      task_id: z.string(),
      title: z.string(),
      step: z.string(),
      key: z.string(),
      state: z.enum(ITEM_STATES),
    })
    .meta({ id: 'WorkflowItemOf' }),
)

export const taskDetail = lazily(() =>
  z
    .object({
      task: task(),
      comments: z.array(comment()),
      /** The newest 100 questions of its runs and the older ones that are open, oldest first. */
      questions: z.array(question()),
      events: z.array(event()),
      links: z.object({ parents: z.array(z.string()), children: z.array(z.string()) }),
      /** Parents that are done but not merged. */
      unmerged_parents: z.array(z.string()),
      runs: z.array(run()),
      attachments: z.array(attachment()),
      /** The items of the last map step that the card entered; absent without one. */
      items: z.array(workflowItem()).optional(),
      /** Absent unless the card is an item. */
      item_of: itemOf().optional(),
      why: why(),
      /** Absent when everything is included. */
      omitted: omitted().optional(),
    })
    .meta({ id: 'TaskDetail' }),
)
export type TaskDetail = z.infer<ReturnType<typeof taskDetail>>

export const errorBody = lazily(() =>
  z.object({
    error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), data: object().optional() }),
  }),
)
