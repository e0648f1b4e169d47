import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { event, omitted } from '../rows.ts'
import { listedRun, outcome, run } from '../run-rows.ts'
import { RUN_OUTCOMES } from '../states.ts'
import { anyProfileName, runId, taskId, text, timestamp, TEXT_LIMITS } from '../values.ts'
import { boardField, idArg, ownArg, taskInput } from './shared.ts'

/** Runs and their logs, of one task or of the whole board. */

const RUN_ORDERS = ['newest', 'oldest'] as const

const attempt = lazily(() =>
  z.int({ error: 'an attempt must be a whole number' }).min(1, { error: 'attempts are numbered from 1' }),
)

const logWindow = lazily(() => ({
  from: z.int().min(0).optional().describe('Byte to start at'),
  tail: z
    .int({ error: 'tail must be a number of bytes' })
    .min(1, { error: 'tail must be at least 1 byte' })
    .optional(),
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
  times: z.boolean().default(false),
}))

const logAnswer = lazily(() =>
  z
    .object({
      run_id: z.int(),
      attempt: z.int(),
      content: z.string(),
      encoding: z.enum(['utf8', 'base64']),
      from: z.int(),
      next: z.int(),
      size: z.int(),
      ended: z.boolean(),
      /** With `times`: ascending byte offsets, and when the output from each was first observed. */
      times: z.array(z.object({ offset: z.int(), at: z.int() })).nullable(),
    })
    .meta({ id: 'Log' }),
)

export type LogAnswer = z.infer<ReturnType<typeof logAnswer>>

/** Filters for the runs of a board. */
const runFilter = lazily(() => ({
  outcomes: z.array(outcome()).default([]).describe('Only runs that ended in one of these ways'),
  failed: z.boolean().default(false).describe('Only runs that failed, in any way'),
  open: z.boolean().optional().describe('true: only open runs; false: only those that ended'),
  search: text('search', TEXT_LIMITS.title)
    .optional()
    .describe(
      'Only runs with all of these words: in the error, the summary, the profile, or the title of the task',
    ),
  profile: anyProfileName().optional(),
  task_id: taskId().optional().describe('Only runs of this task'),
  // In the form of a run's own field, so it may contain any characters that its worker wrote.
  fingerprint: z
    .string({ error: 'fingerprint must be text' })
    .max(TEXT_LIMITS.fingerprint, {
      error: `fingerprint may have at most ${TEXT_LIMITS.fingerprint} characters`,
    })
    .optional()
    .describe('Only runs that failed with this error_fingerprint'),
  since: timestamp().optional().describe('Leave out runs that ended before this time'),
  until: timestamp().optional().describe('Leave out runs that started at or after this time'),
}))

const runFilterFlags = [
  { flag: '--search', value: 'Q', field: 'search' },
  { flag: '--outcome', value: RUN_OUTCOMES.join('|'), field: 'outcomes', many: true },
  { flag: '--failed', field: 'failed', parse: 'flag' },
  { flag: '--open', field: 'open', parse: 'flag', help: 'only open runs' },
  { flag: '--ended', field: 'open', parse: 'flag', constant: false, help: 'only runs that ended' },
  { flag: '--profile', value: 'P', field: 'profile' },
  { flag: '--task', value: 'ID', field: 'task_id' },
  { flag: '--fingerprint', value: 'F', field: 'fingerprint' },
  { flag: '--since', value: 'WHEN', field: 'since', parse: 'when' },
  { flag: '--until', value: 'WHEN', field: 'until', parse: 'when' },
] as const

export const runOperations = declareOperations({
  'task.runs': {
    summary: 'List the runs of a task, oldest first',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        runs_before: z
          .int({ error: 'runs_before must be a whole number' })
          .min(1, { error: 'runs_before must be at least 1' })
          .optional()
          .describe('Only runs before this attempt'),
      }),
    output: () =>
      z.object({
        runs: z.array(run()),
        /** Absent when all runs are included. */
        omitted: omitted().optional(),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/runs' },
    cli: {
      verb: 'runs',
      args: ownArg,
      flags: [{ flag: '--runs-before', value: 'ATTEMPT', field: 'runs_before', parse: 'int' }],
      view: 'runs',
    },
    mcp: { tool: 'runs', description: 'List every attempt of a task: outcome, summary, error, metadata.' },
  },

  'task.log': {
    summary: 'Read the log of an attempt, the newest one if none is named',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        attempt: attempt().optional(),
        ...logWindow(),
      }),
    output: logAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/log' },
    cli: {
      verb: 'log',
      args: idArg,
      flags: [
        { flag: '--run', value: 'ATTEMPT', field: 'attempt', parse: 'int' },
        { flag: '--tail', value: 'BYTES', field: 'tail', parse: 'int' },
        { flag: '--times', field: 'times', parse: 'flag', help: 'put the time before each line' },
      ],
      view: 'log',
    },
  },

  'task.check_log': {
    summary: 'Read the output of the last verify command of an attempt, also while it runs',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        attempt: attempt().optional(),
        ...logWindow(),
      }),
    output: () =>
      z.object({
        ...logAnswer().shape,
        /** The check that is running; null when none is, and the log is then that of the last one. */
        check: z.object({ command: z.string(), started_at: z.int() }).nullable(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/check-log' },
  },

  'run.list': {
    summary: 'List the runs of the whole board, newest first, filtered by words, outcome, profile and time',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        ...runFilter(),
        order: z
          .enum(RUN_ORDERS, { error: `order must be one of ${RUN_ORDERS.join(', ')}` })
          .default('newest'),
        cursor: runId().optional().describe('The `next` of the previous page, or any run: continue after it'),
        limit: z
          .int({ error: 'limit must be a whole number' })
          .min(1, { error: 'limit must be at least 1' })
          .max(1000, { error: 'limit must be at most 1000' })
          .default(100),
      }),
    output: () =>
      z.object({
        runs: z.array(listedRun()),
        /** The cursor of the next page; null on the last one. */
        next: z.int().nullable(),
      }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/runs' },
    cli: {
      verb: 'list-runs',
      flags: [
        ...runFilterFlags,
        { flag: '--order', value: RUN_ORDERS.join('|'), field: 'order' },
        { flag: '--cursor', value: 'RUN_ID', field: 'cursor', parse: 'int' },
        { flag: '--limit', value: 'N', field: 'limit', parse: 'int' },
      ],
      view: 'listed-runs',
    },
  },

  'run.errors': {
    summary: 'Group the failed runs of the board by their error, the most frequent first',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        ...runFilter(),
        limit: z
          .int({ error: 'limit must be a whole number' })
          .min(1, { error: 'limit must be at least 1' })
          .max(200, { error: 'limit must be at most 200' })
          .default(50),
      }),
    output: () =>
      z.object({
        errors: z.array(
          z.object({
            fingerprint: z.string(),
            runs: z.int(),
            tasks: z.int(),
            first_at: z.int(),
            last_at: z.int(),
            /** The newest run with this error. */
            run: listedRun(),
          }),
        ),
        /** How many different errors there are, including those that the answer leaves out. */
        total: z.int(),
      }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/errors' },
    cli: {
      verb: 'errors',
      flags: [...runFilterFlags, { flag: '--limit', value: 'N', field: 'limit', parse: 'int' }],
      view: 'errors',
    },
  },

  'run.show': {
    summary: 'Show one run with its events and its worker’s prompt',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), id: runId() }),
    output: () =>
      z.object({
        run: run(),
        context: z.string().nullable(),
        events: z.array(event()),
        /** Older events of the run that are not included; absent when there are none. */
        omitted: omitted().optional(),
        /** How many other tasks had the same `error_fingerprint`. */
        same_error_tasks: z.int(),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/runs/{id}' },
    cli: { verb: 'run', args: [{ name: 'RUN_ID', field: 'id', parse: 'int' }], view: 'run' },
  },

  'run.log': {
    summary: 'Read the log of a run, from a given byte',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), id: runId(), ...logWindow() }),
    output: logAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/runs/{id}/log' },
  },
} as const satisfies Record<string, OperationDeclaration>)
