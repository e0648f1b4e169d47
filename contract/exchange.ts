import { z } from 'zod'
import { lazily } from './lazily.ts'
import { attachment, comment, event, task } from './rows.ts'
import { answer, QUESTION_KINDS, WITHDRAWN_WHYS } from './question-rows.ts'
import { run } from './run-rows.ts'
import { MERGE_METHODS, STOP_OUTCOMES, TASK_STATUSES } from './states.ts'
import { END_STATES, ITEM_STATES, TEMPLATE_SOURCES } from './workflow-kinds.ts'

/**
 * A board as a file: the output of `export` and the input of `import json`. It contains everything on the board, and
 * nothing about the machine that it was on: no claims, no process identities, no logs.
 */

export const EXPORT_FORMAT = 'runboard-board'
/** Incremented when an older Runboard could not read the new format. Fields that may be null may also be absent. */
export const EXPORT_VERSION = 1

/** A task's id is used in names of folders: it must not lead out of them. */
const fileSafeId = lazily(() => z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'not the id of a task'))
const rowId = lazily(() => z.int().min(1))

export const exportedTask = lazily(() =>
  z.strictObject({
    ...task().shape,
    id: fileSafeId(),
    title: z.string().refine((title) => title.trim() !== '', 'is blank'),
    // Absent in files exported before labels existed.
    labels: z.array(z.string()).default([]),
    // Absent in files exported before there were workflows.
    workflow_run_id: z.int().nullable().default(null),
    archived_from: z.enum(TASK_STATUSES).exclude(['running', 'archived']).nullable(),
  }),
)
export type ExportedTask = z.infer<ReturnType<typeof exportedTask>>

export const exportedRun = lazily(() =>
  z.strictObject({
    ...run().omit({ elapsed_ms: true, headline: true, host: true, log_path: true }).shape,
    id: rowId(),
    task_id: fileSafeId(),
    attempt: z.int().min(1),
    stop_outcome: z.enum(STOP_OUTCOMES).nullable(),
    stop_status: z.enum(['ready', 'archived']).nullable(),
    stop_actor: z.string().nullable(),
    stop_reason: z.string().nullable(),
    exited_at: z.int().nullable(),
    context: z.string().nullable(),
    // Absent in files exported before these columns existed.
    base_branch: z.string().nullable().default(null),
    base_commit: z.string().nullable().default(null),
    visit_id: z.int().nullable().default(null),
    verdict: z.string().nullable().default(null),
    agent: run().shape.agent.default(null),
    agent_session_id: run().shape.agent_session_id.default(null),
    agent_cwd: run().shape.agent_cwd.default(null),
    resumed_from_run: run().shape.resumed_from_run.default(null),
    session_choice: run().shape.session_choice.default(null),
  }),
)
export type ExportedRun = z.infer<ReturnType<typeof exportedRun>>

export const exportedEvent = lazily(() => z.strictObject({ ...event().shape, id: rowId() }))
export const exportedComment = lazily(() => z.strictObject({ ...comment().shape, id: rowId() }))

export const exportedAttachment = lazily(() =>
  z.strictObject({
    ...attachment().omit({ path: true }).shape,
    id: rowId(),
    task_id: fileSafeId(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 digest'),
    /** The bytes as base64; null when the file was missing or had been changed. */
    content: z.base64().nullable(),
  }),
)
export type ExportedAttachment = z.infer<ReturnType<typeof exportedAttachment>>

export const exportedLink = lazily(() => z.strictObject({ parent_id: fileSafeId(), child_id: fileSafeId() }))

export const exportedBoard = lazily(() =>
  z.strictObject({
    name: z.string().trim().min(1).max(100),
    icon: z.string().nullable(),
    color: z.string().nullable(),
    project_dir: z.string().nullable(),
    created_at: z.int(),
    max_running: z.int().min(1).nullable(),
    failure_limit: z.int().min(1).nullable(),
    stale_after_seconds: z.int().min(1).nullable(),
    // Absent in files exported before workers could ask questions.
    max_waiting: z.int().min(0).nullable().default(null),
    default_workspace: z.string().nullable(),
    accept_plans: z.boolean(),
    merge_method: z.enum(MERGE_METHODS).default('merge'),
    wait_for_merge: z.boolean().default(false),
    paused: z.boolean(),
  }),
)

export const exportedView = lazily(() =>
  z.strictObject({
    name: z.string().min(1),
    query: z.record(z.string(), z.string()),
    created_at: z.int(),
  }),
)

/** One version of a workflow, as `workflow_templates` keeps it. */
export const exportedTemplate = lazily(() =>
  z.strictObject({
    id: rowId(),
    name: z.string().min(1).max(60),
    version: z.int().min(1),
    digest: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 digest'),
    title: z.string(),
    source: z.enum(TEMPLATE_SOURCES),
    source_path: z.string().nullable(),
    definition: z.record(z.string(), z.json()),
    created_at: z.int(),
  }),
)
export type ExportedTemplate = z.infer<ReturnType<typeof exportedTemplate>>

/** A question that a worker asked during its run. */
export const exportedQuestion = lazily(() =>
  z.strictObject({
    id: rowId(),
    run_id: rowId(),
    kind: z.enum(QUESTION_KINDS),
    title: z.string().min(1),
    input: z.record(z.string(), z.json()).nullable(),
    diff: z.string().nullable(),
    options: z.array(z.string()),
    asked_at: z.int(),
    answered_at: z.int().nullable(),
    answer: answer().nullable(),
    answered_by: z.string().nullable(),
    withdrawn_at: z.int().nullable(),
    withdrawn_why: z.enum(WITHDRAWN_WHYS).nullable(),
  }),
)
export type ExportedQuestion = z.infer<ReturnType<typeof exportedQuestion>>

/** A message of a person to the worker of a task. */
export const exportedMessage = lazily(() =>
  z.strictObject({
    id: rowId(),
    task_id: fileSafeId(),
    run_id: rowId().nullable(),
    body: z.string().min(1),
    interrupt: z.boolean(),
    told_by: z.string(),
    told_at: z.int(),
    delivered_at: z.int().nullable(),
    delivered_how: z.string().nullable(),
  }),
)
export type ExportedMessage = z.infer<ReturnType<typeof exportedMessage>>

const stepName = lazily(() => z.string().min(1).max(40))

/** One walk of a card through a version of a workflow. */
export const exportedWalk = lazily(() =>
  z.strictObject({
    id: rowId(),
    task_id: fileSafeId(),
    template_id: rowId(),
    inputs: z.record(z.string(), z.json()),
    roles: z.record(z.string(), z.string()),
    started_by: z.string(),
    started_at: z.int(),
    ended_at: z.int().nullable(),
    end_key: stepName().nullable(),
    end_state: z.enum(END_STATES).nullable(),
    retried_from: z.int().nullable(),
    // Absent in files exported before there were items.
    parts: z
      .record(
        z.string(),
        z.strictObject({
          digest: z.string().regex(/^[0-9a-f]{64}$/),
          roles: z.record(z.string(), z.string()),
        }),
      )
      .default({}),
    // Absent in files exported before this column was added.
    assignee_before: z.string().nullable().default(null),
  }),
)
export type ExportedWalk = z.infer<ReturnType<typeof exportedWalk>>

/** One entry of a card into a step. */
export const exportedVisit = lazily(() =>
  z.strictObject({
    id: rowId(),
    workflow_run_id: rowId(),
    step_key: stepName(),
    visit: z.int().min(1),
    entered_at: z.int(),
    entered_by: z.string(),
    entered_from: stepName().nullable(),
    entered_via: z.string().nullable(),
    left_at: z.int().nullable(),
    verdict: z.string().nullable(),
    summary: z.string().nullable(),
    outputs: z.record(z.string(), z.json()).nullable(),
    head_in: z.string().nullable(),
    head_out: z.string().nullable(),
    valid: z.boolean(),
    held_verdict: z.string().nullable(),
    let_on: z.boolean(),
    // Absent in files exported before cards could be started again.
    copied_from: z.int().nullable().default(null),
  }),
)
export type ExportedVisit = z.infer<ReturnType<typeof exportedVisit>>

/** An item of a map step. */
export const exportedItem = lazily(() =>
  z.strictObject({
    visit_id: rowId(),
    item_key: z.string().min(1).max(200),
    position: z.int().min(1),
    task_id: fileSafeId().nullable(),
    input: z.json(),
    state: z.enum(ITEM_STATES),
    // Absent in files exported before branches of items were joined.
    has_branch: z.boolean().default(false),
    joined_at: z.int().nullable().default(null),
    joined_commit: z.string().nullable().default(null),
    sent_back: z.int().min(0).default(0),
    put_right: z
      .strictObject({
        why: z.enum(['conflict', 'check_failed']),
        branch: z.string(),
        files: z.array(z.string()),
        output: z.string().nullable(),
      })
      .nullable()
      .default(null),
  }),
)
export type ExportedItem = z.infer<ReturnType<typeof exportedItem>>

/** The part before the rows; the first line of the `jsonl` form. */
export const exportHead = lazily(() =>
  z.strictObject({
    format: z.literal(EXPORT_FORMAT),
    version: z.literal(EXPORT_VERSION),
    exported_at: z.int(),
    board: exportedBoard(),
    /** The id of the newest event; later events continue from it. */
    cursor: z.int().min(0),
    /** The last event that was marked as seen in the inbox. */
    inbox_seen: z.int().min(0),
  }),
)
export type ExportHead = z.infer<ReturnType<typeof exportHead>>

/** The rows, each kind in the order in which it was written, under the name that the `jsonl` form uses for it. */
export const exportedRows = {
  task: exportedTask,
  link: exportedLink,
  run: exportedRun,
  comment: exportedComment,
  attachment: exportedAttachment,
  event: exportedEvent,
  view: exportedView,
  workflow: exportedTemplate,
  walk: exportedWalk,
  visit: exportedVisit,
  item: exportedItem,
  question: exportedQuestion,
  message: exportedMessage,
} as const
export type ExportedKind = keyof typeof exportedRows

export const boardExport = lazily(() =>
  exportHead()
    .extend({
      tasks: z.array(exportedTask()),
      links: z.array(exportedLink()),
      runs: z.array(exportedRun()),
      comments: z.array(exportedComment()),
      // Absent in files exported before attachments existed.
      attachments: z.array(exportedAttachment()).default([]),
      events: z.array(exportedEvent()),
      views: z.array(exportedView()),
      // Absent in files exported before there were workflows.
      workflows: z.array(exportedTemplate()).default([]),
      walks: z.array(exportedWalk()).default([]),
      visits: z.array(exportedVisit()).default([]),
      // Absent in files exported before there were items.
      items: z.array(exportedItem()).default([]),
      // Absent in files exported before workers could ask questions.
      questions: z.array(exportedQuestion()).default([]),
      messages: z.array(exportedMessage()).default([]),
    })
    .meta({ id: 'BoardExport' }),
)
export type BoardExport = z.infer<ReturnType<typeof boardExport>>
