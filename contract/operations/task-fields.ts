import { z } from 'zod'
import { lazily } from '../lazily.ts'
import {
  editableText,
  isWorkspace,
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

/** The fields of a task that people set: their inputs for a new task and for an edit, and their flags. */

const skills = lazily(() =>
  z
    .array(
      requiredText('skill', TEXT_LIMITS.name)
        .refine((name) => !name.includes(','), 'a skill has no comma in its name')
        .refine(...notAnOption('skill')),
    )
    .max(50, { error: 'at most 50 skills' })
    .transform((names) => [...new Set(names)]),
)

const labels = lazily(() =>
  z
    .array(
      requiredText('label', 50).refine((name) => !name.includes(','), {
        error: 'a label has no comma in its name',
      }),
    )
    .max(20, { error: 'at most 20 labels' })
    .transform((names) => [...new Set(names)]),
)

const maxRetries = lazily(() =>
  z.int({ error: 'max_retries must be a whole number from 1 to 1000' }).min(1).max(1000),
)

const workspace = lazily(() =>
  text('workspace', 4096).refine(isWorkspace, {
    error: 'workspace must be scratch, dir:PATH, worktree, worktree:PATH or parent',
  }),
)

/** The fields of a new task. */
export const createInputs = lazily(() => ({
  title: requiredText('title', TEXT_LIMITS.title).describe('The title: one line'),
  body: optionalText('body', TEXT_LIMITS.body).describe('The description for the worker, as Markdown'),
  assignee: profileName()
    .nullish()
    .transform((name) => name ?? null)
    .describe('The profile that runs it; without one, it waits'),
  parents: z.array(taskId()).max(1000).default([]).describe('Blocked by: tasks that must be done first'),
  children: z.array(taskId()).max(1000).default([]).describe('Blocks: tasks that wait for this one'),
  priority: priority().default(0).describe('Higher runs first'),
  tenant: optionalText('tenant', TEXT_LIMITS.name).describe('A label to tell projects or customers apart'),
  triage: z.boolean().default(false).describe('An idea: it does not run until it is promoted'),
  held: z.boolean().default(false).describe('Parked until a person releases it'),
  not_before_at: timestamp()
    .nullish()
    .transform((value) => value ?? null)
    .describe('Not started before this time'),
  workspace: workspace()
    .nullish()
    .transform((value) => value ?? null)
    .describe(
      'Where it runs: a new folder, an existing one, or a git worktree; default: the board’s setting, else a worktree if the board has a git project',
    ),
  branch: optionalText('branch', 255).describe('Branch of the worktree; runboard/<task> if not given'),
  base_ref: optionalText('base_ref', 255).describe('The base branch or commit of the worktree'),
  max_runtime_seconds: seconds()
    .nullish()
    .transform((value) => value ?? null)
    .describe('Time limit of an attempt; a longer one is stopped'),
  max_retries: maxRetries()
    .nullish()
    .transform((value) => value ?? null)
    .describe('Failures in a row after which it is blocked'),
  skills: skills().default([]).describe('Skills for its worker to load'),
  labels: labels().default([]).describe('Labels to find it by'),
  due_at: timestamp()
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
}))

/** Their flags; the title is an argument. */
export const createFlags = [
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
    help: 'Start this workflow on the task; an unknown name is kept as a label',
  },
  { flag: '--step', value: 'KEY', field: 'current_step_key' },
] as const

/** The fields of an edit. An absent field is unchanged; null or '' clears it. */
export const editInputs = lazily(() => ({
  title: requiredText('title', TEXT_LIMITS.title).optional(),
  body: editableText('body', TEXT_LIMITS.body),
  priority: priority().optional(),
  assignee: profileName().nullable().optional(),
  tenant: editableText('tenant', TEXT_LIMITS.name),
  max_runtime_seconds: seconds().nullable().optional(),
  max_retries: maxRetries().nullable().optional(),
  skills: skills().optional(),
  labels: labels().optional(),
  due_at: timestamp().nullable().optional(),
  model: editableText('model', TEXT_LIMITS.name).refine(...notAnOption('model')),
  verify_command: editableText('verify_command', 4096),
  branch: editableText('branch', 255),
  base_ref: editableText('base_ref', 255),
  workflow_template_id: editableText('workflow_template_id', TEXT_LIMITS.name),
  current_step_key: editableText('current_step_key', TEXT_LIMITS.name),
  result: editableText('result', TEXT_LIMITS.summary),
}))

export const editFlags = [
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
] as const

/**
 * The values that a caller read before its edit. They are only compared: a value that another version wrote need not be
 * valid today.
 */
const seenText = lazily(() => z.string().max(TEXT_LIMITS.body).nullable().optional())
const seenNumber = lazily(() => z.number().nullable().optional())
export const expected = lazily(() =>
  z.strictObject({
    title: z.string().max(TEXT_LIMITS.body).optional(),
    body: seenText(),
    priority: z.number().optional(),
    assignee: seenText(),
    tenant: seenText(),
    max_runtime_seconds: seenNumber(),
    max_retries: seenNumber(),
    skills: z.array(z.string()).optional(),
    labels: z.array(z.string()).optional(),
    due_at: seenNumber(),
    model: seenText(),
    verify_command: seenText(),
    branch: seenText(),
    base_ref: seenText(),
    workflow_template_id: seenText(),
    current_step_key: seenText(),
    result: seenText(),
  }),
)
