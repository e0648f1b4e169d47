import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { SESSION_REQUESTS } from '../sessions.ts'
import {
  jsonListNamed,
  jsonObject,
  jsonObjectNamed,
  optionalText,
  requiredText,
  TEXT_LIMITS,
} from '../values.ts'
import { lineRemark } from './review.ts'
import {
  idArg,
  manyArg,
  mergeMethod,
  methodFlags,
  note,
  noteFlags,
  reasonFlags,
  taskAnswer,
  taskInput,
} from './shared.ts'

/** What a person decides about a task that waits, failed or runs. */

export const decisionOperations = declareOperations({
  'task.approve': {
    summary: 'Accept the work of a task in review, and merge it if asked to: it is done',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        note: note(),
        verdict: optionalText('verdict', 40).describe(
          'At an approve step of a workflow: the verdict, approved if not given',
        ),
        metadata: jsonObject()
          .nullish()
          .transform((value) => value ?? null)
          .describe('At an approve step of a workflow: metadata for later steps'),
        form: jsonObjectNamed('form')
          .nullish()
          .transform((value) => value ?? null)
          .describe(
            'At an approve step with a form: its fields; a field that is left out keeps its first value',
          ),
        edit: jsonListNamed('edit')
          .nullish()
          .transform((value) => value ?? null)
          .describe('At an approve step with a list: the whole edited list; unchanged if not given'),
        visit: z
          .int({ error: 'visit must be a whole number' })
          .nullish()
          .transform((value) => value ?? null)
          .describe('The visit that the person looked at; refused if the card is at another one now'),
        merge: z
          .boolean({ error: 'merge must be true or false' })
          .default(false)
          .describe('Check and merge its work first; if that fails, the task stays in review'),
        into: optionalText('into', 255).describe(
          'With merge: the branch to merge into, instead of the one that the work started from',
        ),
        message: optionalText('message', TEXT_LIMITS.note).describe(
          'With merge: message of the merge commit; the title of the task if not given',
        ),
        method: mergeMethod(),
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
        { flag: '--verdict', value: 'V', field: 'verdict' },
        { flag: '--metadata', value: 'JSON', field: 'metadata', parse: 'json' },
        { flag: '--form', value: 'JSON', field: 'form', parse: 'json' },
        { flag: '--form-file', value: 'F|-', field: 'form', parse: 'json-file' },
        { flag: '--edit', value: 'JSON', field: 'edit', parse: 'json' },
        { flag: '--edit-file', value: 'F|-', field: 'edit', parse: 'json-file' },
        { flag: '--merge', field: 'merge', parse: 'flag' },
        { flag: '--into', value: 'BRANCH', field: 'into' },
        { flag: '--message', value: 'M', field: 'message' },
        ...methodFlags,
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
    input: () =>
      z.strictObject({
        ...taskInput(),
        note: requiredText('note', TEXT_LIMITS.note).describe(
          'What must be changed; the next attempt reads it',
        ),
        remarks: z
          .array(lineRemark())
          .max(500)
          .default([])
          .describe('Remarks on lines of the diff, which the note also contains; each becomes a thread'),
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

  'task.unblock': {
    summary: 'Let a blocked task continue, with an answer for its next attempt',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), answer: optionalText('answer', TEXT_LIMITS.note) }),
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
    input: () =>
      z.strictObject({
        ...taskInput(),
        note: note(),
        session: z
          .enum(SESSION_REQUESTS, { error: 'session must be resume or fresh' })
          .nullish()
          .transform((value) => value ?? null)
          .describe(
            'resume: continue the session of the earlier attempt, even if the profile never resumes; fresh: begin a new session; if not given, the rules decide',
          ),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/retry' },
    cli: {
      verb: 'retry',
      args: manyArg,
      flags: [
        ...noteFlags,
        {
          flag: '--resume',
          field: 'session',
          parse: 'flag',
          constant: 'resume',
          help: 'continue the session of the earlier attempt',
        },
        {
          flag: '--fresh',
          field: 'session',
          parse: 'flag',
          constant: 'fresh',
          help: 'begin a new session with the whole context',
        },
      ],
      view: 'task',
    },
    bulk: 'retry',
  },

  'task.stop': {
    summary: 'Stop the worker of a running task; the task is then ready and held',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
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
    input: () => z.strictObject({ ...taskInput(), reason: optionalText('reason', TEXT_LIMITS.note) }),
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
} as const satisfies Record<string, OperationDeclaration>)
