import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { task } from '../rows.ts'
import { run } from '../run-rows.ts'
import { CALLER_BLOCK_KINDS } from '../states.ts'
import { optionalText, profileName, requiredText, taskId, TEXT_LIMITS } from '../values.ts'
import {
  attachFlags,
  attachInputs,
  handoff,
  idArg,
  ownArg,
  reasonFlags,
  summaryFlags,
  taskAnswer,
  taskInput,
} from './shared.ts'

/** The life of a run as its worker reports it: claimed, kept alive, ended by a report. */

export const reportOperations = declareOperations({
  'task.claim': {
    summary: 'Claim a ready task and open its run: for a worker that pulls its own work',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        ttl_seconds: z
          .int({ error: 'ttl must be a whole number of seconds' })
          .min(1, { error: 'ttl must be at least one second' })
          .max(86_400, { error: 'ttl must be at most one day' })
          .optional(),
        profile: profileName().optional(),
      }),
    output: () => z.object({ task: task(), run: run(), claim: z.string() }),
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
    summary: 'Report that the worker is alive, and extend its claim',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        note: optionalText('note', TEXT_LIMITS.title).describe('The current step, in a few words'),
      }),
    output: () => z.object({ task: task(), run: run() }),
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
      description: 'Report that you are alive and what you are doing. Call it now and then during long work.',
    },
  },

  'task.complete': {
    summary: 'Finish a task, handing over a summary and metadata',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        ...handoff(),
        result: optionalText('result', TEXT_LIMITS.summary).describe('The result itself, if it is text'),
        verdict: optionalText('verdict', 40).describe(
          'The verdict of the workflow step: one of those that the step may have',
        ),
        created_cards: z.array(taskId()).max(1000).default([]).describe('Tasks that this run created'),
        ...attachInputs(),
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
        { flag: '--verdict', value: 'V', field: 'verdict' },
        { flag: '--created-card', value: 'ID', field: 'created_cards', many: true },
        ...attachFlags,
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
    summary: 'End the run and ask a person to review the work',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), ...handoff(), ...attachInputs() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/request-review' },
    cli: {
      verb: 'request-review',
      args: ownArg,
      flags: [...summaryFlags, ...attachFlags],
      view: 'task',
    },
    mcp: {
      tool: 'request_review',
      description: 'Instead of complete, when a person should review the work before it counts as done.',
    },
  },

  'task.block': {
    summary: 'Stop work on a task until a person answers',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        reason: requiredText('reason', TEXT_LIMITS.note).describe(
          'The one question to answer, or what is missing',
        ),
        kind: z
          .enum(CALLER_BLOCK_KINDS, { error: `kind must be one of ${CALLER_BLOCK_KINDS.join(', ')}` })
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
} as const satisfies Record<string, OperationDeclaration>)
