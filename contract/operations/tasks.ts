import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { card, omittedTasks, task, taskDetail, taskStatus, why } from '../rows.ts'
import { outcome } from '../run-rows.ts'
import { anyProfileName, editableText, jsonObject, profileName, text, TEXT_LIMITS } from '../values.ts'
import {
  attachFlags,
  attachInputs,
  boardField,
  idArg,
  ownArg,
  taskAnswer,
  taskInput,
  warnings,
  workflowStartFlags,
  workflowStartInputs,
} from './shared.ts'
import { createFlags, createInputs, editFlags, editInputs, expected } from './task-fields.ts'

export const LIST_SORTS = [
  'created',
  '-created',
  'priority',
  '-priority',
  'status',
  'assignee',
  'title',
  'updated',
  '-updated',
] as const

const older = (what: string) =>
  z
    .int({ error: `${what} must be a whole number` })
    .min(1, { error: `${what} must be at least 1` })
    .optional()

/** An answer has the newest of each, up to 2 MB; these fields read older ones. */
const olderThan = lazily(() => ({
  comments_before: older('comments_before').describe('Only comments older than this one, by its id'),
  events_before: older('events_before').describe('Only events older than this one, by its id'),
  runs_before: older('runs_before').describe('Only runs before this attempt'),
}))

/** A place in a task where words of a search occur. `text` is an excerpt, and `marks` are ranges of characters in it. */
const searchMatch = lazily(() =>
  z
    .object({
      task_id: z.string(),
      found_in: z.enum(['id', 'title', 'body', 'comment', 'summary', 'error']),
      /** The attempt of the run whose summary or error it is; null for other texts. */
      attempt: z.int().nullable(),
      /** How that run ended; null while it is open, and for texts without a run. */
      outcome: outcome().nullable(),
      text: z.string(),
      marks: z.array(z.tuple([z.int(), z.int()])),
    })
    .meta({ id: 'SearchMatch' }),
)
export type SearchMatch = z.infer<ReturnType<typeof searchMatch>>

export const taskOperations = declareOperations({
  'task.create': {
    summary: 'Create a task',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        ...createInputs(),
        ...workflowStartInputs(),
        ...attachInputs(),
      }),
    output: () => z.object({ task: task(), created: z.boolean(), warnings: warnings().optional() }),
    errors: ['NOT_FOUND', 'CONFLICT', 'CYCLE'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks' },
    cli: {
      verb: 'create',
      args: [{ name: 'TITLE', field: 'title' }],
      flags: [...createFlags, ...workflowStartFlags, ...attachFlags],
      view: 'id',
    },
    mcp: {
      tool: 'create',
      description:
        'Create a task on the board, with its parents and children in one transaction. Report its id in created_cards when you complete.',
    },
  },

  'task.list': {
    summary: 'List tasks as cards',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        status: z.array(taskStatus()).default([]),
        assignee: anyProfileName().optional(),
        mine: z.boolean().default(false).describe('Only tasks of the calling worker’s profile'),
        tenant: text('tenant', TEXT_LIMITS.name).optional(),
        labels: z
          .array(text('label', TEXT_LIMITS.name))
          .default([])
          .describe('Only tasks with all of these labels'),
        search: text('search', TEXT_LIMITS.title).optional(),
        matches: z
          .boolean()
          .default(false)
          .describe('Also return where the words of the search occur, for the first 50 tasks'),
        workflow_template_id: text('workflow_template_id', TEXT_LIMITS.name).optional(),
        current_step_key: text('current_step_key', TEXT_LIMITS.name).optional(),
        stage: text('stage', TEXT_LIMITS.name)
          .optional()
          .describe('Only cards at a step of this stage of their workflow'),
        archived: z.boolean().default(false),
        merged: z
          .boolean()
          .optional()
          .describe(
            'true: only tasks whose work is merged; false: only those whose work is not, done ones unless status says otherwise',
          ),
        limit: z
          .int({ error: 'limit must be a whole number from 1 to 100000' })
          .min(1)
          .max(100_000)
          .optional(),
        offset: z
          .int({ error: 'offset must be a whole number, at least 0' })
          .min(0)
          .optional()
          .describe('How many tasks of the list to skip'),
        sort: z.enum(LIST_SORTS).optional(),
      }),
    /** `omitted` is absent when there is nothing more within the limit asked for, `matches` unless the input asks for them. */
    output: () =>
      z.object({
        tasks: z.array(card()),
        matches: z.array(searchMatch()).optional(),
        omitted: omittedTasks().optional(),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks' },
    cli: {
      verb: 'list',
      flags: [
        { flag: '--status', value: 'S', field: 'status', many: true },
        { flag: '--assignee', value: 'P', field: 'assignee' },
        { flag: '--mine', field: 'mine', parse: 'flag' },
        { flag: '--tenant', value: 'T', field: 'tenant' },
        { flag: '--label', value: 'L', field: 'labels', many: true },
        { flag: '--search', value: 'Q', field: 'search' },
        { flag: '--workflow', value: 'ID', field: 'workflow_template_id' },
        { flag: '--step', value: 'KEY', field: 'current_step_key' },
        { flag: '--stage', value: 'S', field: 'stage' },
        { flag: '--archived', field: 'archived', parse: 'flag' },
        {
          flag: '--merged',
          field: 'merged',
          parse: 'flag',
          help: 'only tasks whose work in a worktree is merged',
        },
        {
          flag: '--not-merged',
          field: 'merged',
          parse: 'flag',
          constant: false,
          help: 'only done tasks whose work is not merged; with --status, tasks of that status',
        },
        { flag: '--limit', value: 'N', field: 'limit', parse: 'int' },
        { flag: '--offset', value: 'N', field: 'offset', parse: 'int' },
        { flag: '--sort', value: LIST_SORTS.join('|'), field: 'sort' },
      ],
      view: 'cards',
    },
    mcp: { tool: 'list', description: 'List tasks of the board as cards, filtered.' },
  },

  'task.show': {
    summary: 'Show a task with its comments, events, links and runs',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), ...olderThan() }),
    output: taskDetail,
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}' },
    cli: {
      verb: 'show',
      args: ownArg,
      flags: [
        { flag: '--comments-before', value: 'ID', field: 'comments_before', parse: 'int' },
        { flag: '--events-before', value: 'ID', field: 'events_before', parse: 'int' },
        { flag: '--runs-before', value: 'ATTEMPT', field: 'runs_before', parse: 'int' },
      ],
      view: 'detail',
    },
    mcp: { tool: 'show', description: 'Show a task: text, comments, links, every run with its handoff.' },
  },

  'task.why': {
    summary: 'Explain in one sentence why a task is not running',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () =>
      z.object({
        why: why(),
        /** One sentence for each parent whose work its worktree starts without. */
        notes: z.array(z.string()),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/why' },
    cli: { verb: 'why', args: idArg, view: 'why' },
    mcp: { tool: 'why', description: 'Explain why a task is not running, and what would change that.' },
  },

  'task.context': {
    summary: 'Print the prompt that a worker of this task gets',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () => z.object({ context: z.string(), run_id: z.int().nullable() }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/context' },
    cli: { verb: 'context', args: ownArg, view: 'context' },
  },

  'task.edit': {
    summary: 'Change the fields of a task, or the handoff of a finished one',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        ...editInputs(),
        summary: editableText('summary', TEXT_LIMITS.summary),
        metadata: jsonObject().nullable().optional(),
        expected: expected()
          .optional()
          .describe(
            'Values that the caller read: if a field has changed since, nothing is saved and CONFLICT returns the current values',
          ),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'PATCH', path: '/tasks/{id}' },
    cli: {
      verb: 'edit',
      args: idArg,
      flags: [
        ...editFlags,
        { flag: '--summary', value: 'S', field: 'summary' },
        { flag: '--summary-file', value: 'F|-', field: 'summary', parse: 'file' },
        { flag: '--metadata', value: 'JSON', field: 'metadata', parse: 'json' },
        { flag: '--metadata-file', value: 'F|-', field: 'metadata', parse: 'json-file' },
      ],
      view: 'task',
    },
  },

  'task.assign': {
    summary: 'Assign a task to a profile, or unassign it',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), assignee: profileName().nullable() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/assign' },
    cli: {
      verb: 'assign',
      args: [
        { name: 'ID', field: 'id', many: true },
        { name: 'PROFILE|none', field: 'assignee', parse: 'assignee' },
      ],
      view: 'task',
    },
    bulk: 'assign',
  },

  'task.delete': {
    summary: 'Delete an archived task with its runs, events and comments',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () => z.object({ deleted: z.literal(true), id: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'DELETE', path: '/tasks/{id}' },
    cli: { verb: 'delete', args: [{ name: 'ID', field: 'id', many: true }], view: 'task', confirm: true },
    bulk: 'delete',
  },
} as const satisfies Record<string, OperationDeclaration>)
