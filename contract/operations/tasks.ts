import { z } from 'zod'
import type { OperationSpec } from '../operation.ts'
import { card, omittedTasks, task, taskDetail, taskStatus, why } from '../rows.ts'
import {
  editableText,
  isWorkspace,
  jsonObject,
  notAnOption,
  optionalText,
  priority,
  profileName,
  requiredText,
  seconds,
  taskId,
  text,
  TEXT_LIMITS,
  timestamp,
} from '../values.ts'
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

const skills = z
  .array(
    requiredText('skill', TEXT_LIMITS.name)
      .refine((name) => !name.includes(','), 'a skill has no comma in its name')
      .refine(...notAnOption('skill')),
  )
  .max(50, { error: 'at most 50 skills' })
  .transform((names) => [...new Set(names)])

const labels = z
  .array(
    requiredText('label', 50).refine((name) => !name.includes(','), {
      error: 'a label has no comma in its name',
    }),
  )
  .max(20, { error: 'at most 20 labels' })
  .transform((names) => [...new Set(names)])

const maxRetries = z.int({ error: 'max_retries must be a whole number from 1 to 1000' }).min(1).max(1000)

const workspace = text('workspace', 4096).refine(isWorkspace, {
  error: 'workspace must be scratch, dir:PATH, worktree, worktree:PATH or parent',
})

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

/**
 * The values that a caller read before its edit. They are only compared: a value that another version wrote need not be
 * valid today.
 */
const seenText = z.string().max(TEXT_LIMITS.body).nullable().optional()
const seenNumber = z.number().nullable().optional()
const expected = z.strictObject({
  title: z.string().max(TEXT_LIMITS.body).optional(),
  body: seenText,
  priority: z.number().optional(),
  assignee: seenText,
  tenant: seenText,
  max_runtime_seconds: seenNumber,
  max_retries: seenNumber,
  skills: z.array(z.string()).optional(),
  labels: z.array(z.string()).optional(),
  due_at: seenNumber,
  model: seenText,
  verify_command: seenText,
  branch: seenText,
  base_ref: seenText,
  workflow_template_id: seenText,
  current_step_key: seenText,
  result: seenText,
})

const older = (what: string) =>
  z
    .int({ error: `${what} must be a whole number` })
    .min(1, { error: `${what} must be at least 1` })
    .optional()

/** An answer has the newest of each, up to 2 MB; these fields read older ones. */
const olderThan = {
  comments_before: older('comments_before').describe('Only comments older than this one, by its id'),
  events_before: older('events_before').describe('Only events older than this one, by its id'),
  runs_before: older('runs_before').describe('Only runs before this attempt'),
}

export const taskOperations = {
  'task.create': {
    summary: 'Create a task',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...boardField,
      title: requiredText('title', TEXT_LIMITS.title).describe('The title: one line'),
      body: optionalText('body', TEXT_LIMITS.body).describe('The description for the worker, as Markdown'),
      assignee: profileName
        .nullish()
        .transform((name) => name ?? null)
        .describe('The profile that runs it; without one, it waits'),
      parents: z.array(taskId).max(1000).default([]).describe('Blocked by: tasks that must be done first'),
      children: z.array(taskId).max(1000).default([]).describe('Blocks: tasks that wait for this one'),
      priority: priority.default(0).describe('Higher runs first'),
      tenant: optionalText('tenant', TEXT_LIMITS.name).describe(
        'A label to tell projects or customers apart',
      ),
      triage: z.boolean().default(false).describe('An idea: it does not run until it is promoted'),
      held: z.boolean().default(false).describe('Parked until a person releases it'),
      not_before_at: timestamp
        .nullish()
        .transform((value) => value ?? null)
        .describe('Not started before this time'),
      workspace: workspace
        .nullish()
        .transform((value) => value ?? null)
        .describe(
          'Where it runs: a new folder, an existing one, or a git worktree; default: the board’s setting, else a worktree if the board has a git project',
        ),
      branch: optionalText('branch', 255).describe('Branch of the worktree; runboard/<task> if not given'),
      base_ref: optionalText('base_ref', 255).describe('The base branch or commit of the worktree'),
      max_runtime_seconds: seconds
        .nullish()
        .transform((value) => value ?? null)
        .describe('Time limit of an attempt; a longer one is stopped'),
      max_retries: maxRetries
        .nullish()
        .transform((value) => value ?? null)
        .describe('Failures in a row after which it is blocked'),
      skills: skills.default([]).describe('Skills for its worker to load'),
      labels: labels.default([]).describe('Labels to find it by'),
      due_at: timestamp
        .nullish()
        .transform((value) => value ?? null)
        .describe('When it should be done; its card says when it is late'),
      model: optionalText('model', TEXT_LIMITS.name)
        .refine(...notAnOption('model'))
        .describe('Used instead of its profile’s model'),
      verify_command: optionalText('verify_command', 4096).describe(
        'Verify command: must succeed in the workspace before the task is done',
      ),
      idempotency_key: optionalText('idempotency_key', 200).describe(
        'Idempotency key: if a task already has it, that task is returned and none is created',
      ),
      workflow_template_id: optionalText('workflow_template_id', TEXT_LIMITS.name),
      current_step_key: optionalText('current_step_key', TEXT_LIMITS.name),
      ...workflowStartInputs,
      ...attachInputs,
    }),
    output: z.object({ task, created: z.boolean(), warnings: warnings.optional() }),
    errors: ['NOT_FOUND', 'CONFLICT', 'CYCLE'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks' },
    cli: {
      verb: 'create',
      args: [{ name: 'TITLE', field: 'title' }],
      flags: [
        { flag: '--body', value: 'T', field: 'body' },
        { flag: '--body-file', value: 'F|-', field: 'body', parse: 'file' },
        { flag: '--assignee', value: 'P', field: 'assignee', parse: 'assignee' },
        { flag: '--parent', value: 'ID', field: 'parents', many: true },
        { flag: '--child', value: 'ID', field: 'children', many: true },
        { flag: '--priority', value: 'N', field: 'priority', parse: 'int' },
        { flag: '--tenant', value: 'T', field: 'tenant' },
        { flag: '--triage', field: 'triage', parse: 'flag' },
        { flag: '--hold', field: 'held', parse: 'flag' },
        { flag: '--not-before', value: 'WHEN', field: 'not_before_at', parse: 'when' },
        {
          flag: '--workspace',
          value: 'scratch|dir:PATH|worktree[:PATH]|parent',
          field: 'workspace',
          parse: 'workspace',
        },
        { flag: '--branch', value: 'B', field: 'branch' },
        { flag: '--base', value: 'REF', field: 'base_ref' },
        { flag: '--max-runtime', value: 'D', field: 'max_runtime_seconds', parse: 'duration' },
        { flag: '--max-retries', value: 'N', field: 'max_retries', parse: 'int' },
        { flag: '--skill', value: 'S', field: 'skills', many: true },
        { flag: '--label', value: 'L', field: 'labels', many: true },
        { flag: '--due', value: 'WHEN', field: 'due_at', parse: 'when' },
        { flag: '--model', value: 'M', field: 'model' },
        { flag: '--verify', value: 'CMD', field: 'verify_command' },
        { flag: '--idempotency-key', value: 'K', field: 'idempotency_key' },
        {
          flag: '--workflow',
          value: 'NAME',
          field: 'workflow_template_id',
          help: 'Start this workflow on it; a name that is no workflow is kept as a label',
        },
        { flag: '--step', value: 'KEY', field: 'current_step_key' },
        ...workflowStartFlags,
        ...attachFlags,
      ],
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
    input: z.strictObject({
      ...boardField,
      status: z.array(taskStatus).default([]),
      assignee: profileName.optional(),
      mine: z.boolean().default(false).describe('Only tasks of the calling worker’s profile'),
      tenant: text('tenant', TEXT_LIMITS.name).optional(),
      labels: z
        .array(text('label', TEXT_LIMITS.name))
        .default([])
        .describe('Only tasks with all of these labels'),
      search: text('search', TEXT_LIMITS.title).optional(),
      workflow_template_id: text('workflow_template_id', TEXT_LIMITS.name).optional(),
      current_step_key: text('current_step_key', TEXT_LIMITS.name).optional(),
      archived: z.boolean().default(false),
      merged: z
        .boolean()
        .optional()
        .describe(
          'true: only tasks whose work is merged; false: only those whose work is not, done ones unless status says otherwise',
        ),
      limit: z.int({ error: 'limit must be a whole number from 1 to 100000' }).min(1).max(100_000).optional(),
      offset: z
        .int({ error: 'offset must be a whole number, at least 0' })
        .min(0)
        .optional()
        .describe('How many tasks of the list to skip'),
      sort: z.enum(LIST_SORTS).optional(),
    }),
    /** `omitted` is absent when there is nothing more within the limit asked for. */
    output: z.object({ tasks: z.array(card), omitted: omittedTasks.optional() }),
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
    input: z.strictObject({ ...taskInput, ...olderThan }),
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
    input: z.strictObject(taskInput),
    output: z.object({
      why,
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
    input: z.strictObject(taskInput),
    output: z.object({ context: z.string(), run_id: z.int().nullable() }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/context' },
    cli: { verb: 'context', args: ownArg, view: 'context' },
  },

  'task.edit': {
    summary: 'Change the fields of a task, or the handoff of a finished one',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      title: requiredText('title', TEXT_LIMITS.title).optional(),
      body: editableText('body', TEXT_LIMITS.body),
      priority: priority.optional(),
      assignee: profileName.nullable().optional(),
      tenant: editableText('tenant', TEXT_LIMITS.name),
      max_runtime_seconds: seconds.nullable().optional(),
      max_retries: maxRetries.nullable().optional(),
      skills: skills.optional(),
      labels: labels.optional(),
      due_at: timestamp.nullable().optional(),
      model: editableText('model', TEXT_LIMITS.name).refine(...notAnOption('model')),
      verify_command: editableText('verify_command', 4096),
      branch: editableText('branch', 255),
      base_ref: editableText('base_ref', 255),
      workflow_template_id: editableText('workflow_template_id', TEXT_LIMITS.name),
      current_step_key: editableText('current_step_key', TEXT_LIMITS.name),
      result: editableText('result', TEXT_LIMITS.summary),
      summary: editableText('summary', TEXT_LIMITS.summary),
      metadata: jsonObject.nullable().optional(),
      expected: expected
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
        { flag: '--title', value: 'T', field: 'title' },
        { flag: '--body', value: 'T', field: 'body' },
        { flag: '--body-file', value: 'F|-', field: 'body', parse: 'file' },
        { flag: '--priority', value: 'N', field: 'priority', parse: 'int' },
        { flag: '--tenant', value: 'T', field: 'tenant' },
        { flag: '--max-runtime', value: 'D', field: 'max_runtime_seconds', parse: 'duration' },
        { flag: '--max-retries', value: 'N', field: 'max_retries', parse: 'int' },
        {
          flag: '--skill',
          value: 'S',
          field: 'skills',
          many: true,
          clears: true,
          help: "Skills for its worker to load, in place of those it has; '' for none",
        },
        {
          flag: '--label',
          value: 'L',
          field: 'labels',
          many: true,
          clears: true,
          help: "Labels, in place of those it has; '' for none",
        },
        { flag: '--due', value: 'WHEN|none', field: 'due_at', parse: 'when' },
        { flag: '--model', value: 'M', field: 'model' },
        { flag: '--verify', value: 'CMD', field: 'verify_command' },
        { flag: '--branch', value: 'B', field: 'branch' },
        { flag: '--base', value: 'REF', field: 'base_ref' },
        { flag: '--workflow', value: 'ID', field: 'workflow_template_id' },
        { flag: '--step', value: 'KEY', field: 'current_step_key' },
        { flag: '--result', value: 'R', field: 'result' },
        { flag: '--result-file', value: 'F|-', field: 'result', parse: 'file' },
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
    input: z.strictObject({ ...taskInput, assignee: profileName.nullable() }),
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
    input: z.strictObject(taskInput),
    output: z.object({ deleted: z.literal(true), id: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'DELETE', path: '/tasks/{id}' },
    cli: { verb: 'delete', args: [{ name: 'ID', field: 'id', many: true }], view: 'task', confirm: true },
    bulk: 'delete',
  },
} as const satisfies Record<string, OperationSpec>
