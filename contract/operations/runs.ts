import { z } from 'zod'
import type { OperationSpec } from '../operation.ts'
import { event, listedRun, outcome, run, task } from '../rows.ts'
import { CALLER_BLOCK_KINDS, RUN_OUTCOMES } from '../states.ts'
import { optionalText, profileName, requiredText, runId, taskId, timestamp, TEXT_LIMITS } from '../values.ts'
import { boardField, handoff, note, taskAnswer, taskInput } from './shared.ts'

/** The life of a run: claimed, kept alive, ended by a report. And how to read what it left behind. */

const idArg = [{ name: 'ID', field: 'id' }] as const
const ownArg = [{ name: 'ID', field: 'id', own: true }] as const
const manyArg = [{ name: 'ID', field: 'id', many: true }] as const
const summaryFlags = [
  { flag: '--summary', value: 'S', field: 'summary' },
  { flag: '--summary-file', value: 'F|-', field: 'summary', parse: 'file' },
  { flag: '--metadata', value: 'JSON', field: 'metadata', parse: 'json' },
  { flag: '--metadata-file', value: 'F|-', field: 'metadata', parse: 'json-file' },
] as const
const noteFlags = [
  { flag: '--note', value: 'N', field: 'note' },
  { flag: '--note-file', value: 'F|-', field: 'note', parse: 'file' },
] as const
const reasonFlags = [
  { flag: '--reason', value: 'R', field: 'reason' },
  { flag: '--reason-file', value: 'F|-', field: 'reason', parse: 'file' },
] as const

/** Newest first is by the time of the claim, which is the order of the ids. */
const RUN_ORDERS = ['newest', 'oldest'] as const

const logWindow = {
  from: z.int().min(0).optional().describe('Byte to start at'),
  tail: z.int({ error: 'tail is a number of bytes' }).min(1, { error: 'tail is at least 1 byte' }).optional(),
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
  times: z.boolean().default(false),
}

const logAnswer = z
  .object({
    run_id: z.int(),
    attempt: z.int(),
    content: z.string(),
    encoding: z.enum(['utf8', 'base64']),
    from: z.int(),
    next: z.int(),
    size: z.int(),
    ended: z.boolean(),
    /** With `times`: byte offsets and when the output from there on was first seen, ascending. */
    times: z.array(z.object({ offset: z.int(), at: z.int() })).nullable(),
  })
  .meta({ id: 'Log' })
export type LogAnswer = z.infer<typeof logAnswer>

export const runOperations = {
  'task.claim': {
    summary: 'Claim a ready task and open its run: for a worker that pulls its own work',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      ttl_seconds: z
        .int({ error: 'ttl is a whole number of seconds' })
        .min(1, { error: 'ttl is at least one second' })
        .max(86_400, { error: 'ttl is at most one day' })
        .optional(),
      profile: profileName.optional(),
    }),
    output: z.object({ task, run, claim: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/claim' },
    cli: {
      verb: 'claim',
      args: idArg,
      flags: [
        { flag: '--ttl', value: 'SECONDS', field: 'ttl_seconds', parse: 'int' },
        { flag: '--profile', value: 'P', field: 'profile' },
      ],
      view: 'claim',
    },
  },

  'task.heartbeat': {
    summary: 'Say that the worker is alive, and extend its claim',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      note: optionalText('note', TEXT_LIMITS.title).describe('What is being done now, in a few words'),
    }),
    output: z.object({ task, run }),
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/heartbeat' },
    cli: {
      verb: 'heartbeat',
      args: ownArg,
      flags: [{ flag: '--note', value: 'N', field: 'note' }],
      view: 'quiet',
    },
    mcp: {
      tool: 'heartbeat',
      description: 'Say that you are alive and what you are doing. Call it now and then during long work.',
    },
  },

  'task.complete': {
    summary: 'Finish a task, handing over a summary and metadata',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      ...handoff,
      result: optionalText('result', TEXT_LIMITS.summary).describe('The result itself, if it is text'),
      created_cards: z.array(taskId).max(1000).default([]).describe('Tasks that this run created'),
    }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNKNOWN_CARDS', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/complete' },
    cli: {
      verb: 'complete',
      args: [{ name: 'ID', field: 'id', many: true, own: true }],
      flags: [
        ...summaryFlags,
        { flag: '--result', value: 'R', field: 'result' },
        { flag: '--result-file', value: 'F|-', field: 'result', parse: 'file' },
        { flag: '--created-card', value: 'ID', field: 'created_cards', many: true },
      ],
      view: 'task',
    },
    mcp: {
      tool: 'complete',
      description:
        'Finish your task. summary: what you did and what the next worker must know. metadata: changed_files, tests_run, findings, decisions, residual_risk.',
    },
    bulk: 'complete',
  },

  'task.request_review': {
    summary: 'End the run and ask a person to look before the task is done',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({ ...taskInput, ...handoff }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/request-review' },
    cli: { verb: 'request-review', args: ownArg, flags: summaryFlags, view: 'task' },
    mcp: {
      tool: 'request_review',
      description: 'Instead of complete, when a person should look at the work before it counts as done.',
    },
  },

  'task.approve': {
    summary: 'Accept the work of a task in review, and merge it if asked to: it is done',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      note,
      merge: z
        .boolean({ error: 'merge is true or false' })
        .default(false)
        .describe('Check and merge its work first; where that is refused, it stays in review'),
      into: optionalText('into', 255).describe(
        'With merge: the branch to merge into, instead of the one that the work started from',
      ),
      message: optionalText('message', TEXT_LIMITS.note).describe(
        'With merge: message of the merge commit; the title of the task if not given',
      ),
    }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/approve' },
    cli: {
      verb: 'approve',
      args: idArg,
      flags: [
        ...noteFlags,
        { flag: '--merge', field: 'merge', parse: 'flag' },
        { flag: '--into', value: 'BRANCH', field: 'into' },
        { flag: '--message', value: 'M', field: 'message' },
      ],
      view: 'task',
    },
    mcp: { tool: 'approve', description: 'Accept the work of a task in review. Not for its own worker.' },
    bulk: 'approve',
  },

  'task.request_changes': {
    summary: 'Send a task in review back, with a note for the next attempt',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      note: requiredText('note', TEXT_LIMITS.note).describe(
        'What must be changed; the next attempt reads it',
      ),
    }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/request-changes' },
    cli: {
      verb: 'request-changes',
      args: [
        { name: 'ID', field: 'id' },
        { name: 'NOTE', field: 'note' },
      ],
      flags: [{ flag: '--note-file', value: 'F|-', field: 'note', parse: 'file' }],
      view: 'task',
    },
    mcp: {
      tool: 'request_changes',
      description: 'Send a task in review back to its worker with a note that the next attempt reads.',
    },
  },

  'task.block': {
    summary: 'Stop work on a task until a person answers',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      reason: requiredText('reason', TEXT_LIMITS.note).describe(
        'The one question to answer, or what is missing',
      ),
      kind: z
        .enum(CALLER_BLOCK_KINDS, { error: `kind is one of ${CALLER_BLOCK_KINDS.join(', ')}` })
        .default('needs_input')
        .describe('needs_input: an answer; capability: something that the worker cannot do'),
    }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/block' },
    cli: {
      verb: 'block',
      args: [{ name: 'ID', field: 'id', many: true, own: true }],
      flags: [...reasonFlags, { flag: '--kind', value: CALLER_BLOCK_KINDS.join('|'), field: 'kind' }],
      view: 'task',
    },
    mcp: {
      tool: 'block',
      description:
        'End your run because you need a person: ask one clear question in reason. The answer is in the next attempt’s context.',
    },
    bulk: 'block',
  },

  'task.unblock': {
    summary: 'Let a blocked task continue, with an answer for its next attempt',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({ ...taskInput, answer: optionalText('answer', TEXT_LIMITS.note) }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/unblock' },
    cli: {
      verb: 'unblock',
      args: manyArg,
      flags: [
        { flag: '--answer', value: 'TEXT', field: 'answer' },
        { flag: '--answer-file', value: 'F|-', field: 'answer', parse: 'file' },
      ],
      view: 'task',
    },
    mcp: {
      tool: 'unblock',
      description: 'Let a blocked task continue, with an answer for its next attempt.',
      planner: true,
    },
    bulk: 'unblock',
  },

  'task.retry': {
    summary: 'Make a task claimable now: past its backoff, its hold, or its block',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({ ...taskInput, note }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/retry' },
    cli: {
      verb: 'retry',
      args: manyArg,
      flags: noteFlags,
      view: 'task',
    },
    bulk: 'retry',
  },

  'task.stop': {
    summary: 'Stop the worker of a running task; the task is then ready and held',
    kind: 'write',
    scope: 'board',
    input: z.strictObject(taskInput),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'made',
    http: { method: 'POST', path: '/tasks/{id}/stop' },
    cli: { verb: 'stop', args: idArg, view: 'task' },
    bulk: 'stop',
  },

  'task.reclaim': {
    summary: 'Take a running task away from its worker; the task is then ready',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({ ...taskInput, reason: optionalText('reason', TEXT_LIMITS.note) }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'made',
    http: { method: 'POST', path: '/tasks/{id}/reclaim' },
    cli: {
      verb: 'reclaim',
      args: idArg,
      flags: reasonFlags,
      view: 'task',
    },
    bulk: 'reclaim',
  },

  'task.runs': {
    summary: 'List the runs of a task, oldest first',
    kind: 'read',
    scope: 'board',
    input: z.strictObject(taskInput),
    output: z.object({ runs: z.array(run) }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/runs' },
    cli: { verb: 'runs', args: ownArg, view: 'runs' },
    mcp: { tool: 'runs', description: 'List every attempt of a task: outcome, summary, error, metadata.' },
  },

  'task.log': {
    summary: 'Read the log of an attempt, the newest one if none is named',
    kind: 'read',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      attempt: z
        .int({ error: 'an attempt is a whole number' })
        .min(1, { error: 'attempts are numbered from 1' })
        .optional(),
      ...logWindow,
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

  'run.list': {
    summary: 'List the runs of the whole board, newest first, filtered by outcome, profile and time',
    kind: 'read',
    scope: 'board',
    input: z.strictObject({
      ...boardField,
      outcomes: z.array(outcome).default([]).describe('Only runs that ended in one of these ways'),
      failed: z.boolean().default(false).describe('Only runs that failed, in any way'),
      open: z.boolean().optional().describe('true: only open runs; false: only those that ended'),
      profile: profileName.optional(),
      task_id: taskId.optional().describe('Only runs of this task'),
      // As a run has it, so with whatever characters its worker wrote.
      fingerprint: z
        .string({ error: 'fingerprint must be text' })
        .max(TEXT_LIMITS.fingerprint, {
          error: `fingerprint may have at most ${TEXT_LIMITS.fingerprint} characters`,
        })
        .optional()
        .describe('Only runs that failed with this error_fingerprint'),
      since: timestamp.optional().describe('Leave out runs that ended before this time'),
      until: timestamp.optional().describe('Leave out runs that started at or after this time'),
      order: z.enum(RUN_ORDERS, { error: `order is one of ${RUN_ORDERS.join(', ')}` }).default('newest'),
      cursor: runId.optional().describe('The `next` of the previous page, or any run: continue after it'),
      limit: z
        .int({ error: 'limit is a whole number' })
        .min(1, { error: 'limit is at least 1' })
        .max(1000, { error: 'limit is at most 1000' })
        .default(100),
    }),
    output: z.object({
      runs: z.array(listedRun),
      /** Where the next page begins; null on the last one. */
      next: z.int().nullable(),
    }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/runs' },
    cli: {
      verb: 'list-runs',
      flags: [
        { flag: '--outcome', value: RUN_OUTCOMES.join('|'), field: 'outcomes', many: true },
        { flag: '--failed', field: 'failed', parse: 'flag' },
        { flag: '--open', field: 'open', parse: 'flag' },
        { flag: '--ended', field: 'open', parse: 'flag', constant: false },
        { flag: '--profile', value: 'P', field: 'profile' },
        { flag: '--task', value: 'ID', field: 'task_id' },
        { flag: '--fingerprint', value: 'F', field: 'fingerprint' },
        { flag: '--since', value: 'WHEN', field: 'since', parse: 'when' },
        { flag: '--until', value: 'WHEN', field: 'until', parse: 'when' },
        { flag: '--order', value: RUN_ORDERS.join('|'), field: 'order' },
        { flag: '--cursor', value: 'RUN_ID', field: 'cursor', parse: 'int' },
        { flag: '--limit', value: 'N', field: 'limit', parse: 'int' },
      ],
      view: 'listed-runs',
    },
  },

  'run.show': {
    summary: 'Show one run with its events and what its worker was given to read',
    kind: 'read',
    scope: 'board',
    input: z.strictObject({ ...boardField, id: runId }),
    output: z.object({
      run,
      context: z.string().nullable(),
      events: z.array(event),
      /** In how many other tasks the same `error_fingerprint` was seen. */
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
    input: z.strictObject({ ...boardField, id: runId, ...logWindow }),
    output: logAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/runs/{id}/log' },
  },
} as const satisfies Record<string, OperationSpec>
