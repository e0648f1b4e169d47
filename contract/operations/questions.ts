import { z } from 'zod'
import type { OperationSpec } from '../operation.ts'
import { PERMISSION_OPTIONS, question, QUESTION_KINDS } from '../question-rows.ts'
import { jsonObject, jsonObjectNamed, optionalText, requiredText, taskId, TEXT_LIMITS } from '../values.ts'
import { boardField, taskInput } from './shared.ts'

/** Questions that a worker asks during its run. The task stays running until a person answers. */

const questionId = z
  .int({ error: 'a question id must be a whole number' })
  .min(1, { error: 'a question id must be a whole number from 1' })
  .describe('Number of the question')

const timeout = z
  .int({ error: 'timeout must be a whole number of seconds' })
  .min(0, { error: 'timeout must be 0 seconds or more' })
  .max(30 * 86_400, { error: 'timeout must be at most 30 days' })
  .optional()

const options = z
  .array(requiredText('an option', 200), { error: 'options must be a list of texts' })
  .max(20, { error: 'a question has at most 20 options' })
  .refine((given) => new Set(given).size === given.length, { error: 'two options are the same' })
  .default([])

/** An object or null. @param field its name in error messages */
function maybeObject(field: string) {
  return jsonObjectNamed(field)
    .nullish()
    .transform((value) => value ?? null)
}

const timeoutFlag = { flag: '--timeout', value: 'D', field: 'timeout_seconds', parse: 'duration' } as const

/** The `state` of the question is `open` when the caller stopped waiting before the answer. */
const asked = z.object({ question })

export const questionOperations = {
  'question.ask': {
    summary: 'Ask a person a question and wait for the answer; the task stays running',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      title: requiredText('the question', TEXT_LIMITS.note).describe('The question, in full'),
      kind: z
        .enum(QUESTION_KINDS, { error: `kind must be one of ${QUESTION_KINDS.join(', ')}` })
        .optional()
        .describe('form if a form is given, else text'),
      options: options.describe('The possible answers; without any, the answer is free text'),
      form: maybeObject('form').describe('JSON Schema of an object, for an answer with several fields'),
      diff: optionalText('diff', TEXT_LIMITS.body).describe('The change in question, as a unified diff'),
      timeout_seconds: timeout.describe(
        'Withdraw the question without an answer after this time; 0 returns at once and leaves it open',
      ),
    }),
    output: asked,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/ask' },
    cli: {
      verb: 'ask',
      args: [
        { name: 'ID', field: 'id', own: true },
        { name: 'QUESTION', field: 'title' },
      ],
      flags: [
        { flag: '--option', value: 'TEXT', field: 'options', many: true, whole: true },
        { flag: '--form', value: 'JSON', field: 'form', parse: 'json' },
        { flag: '--form-file', value: 'F|-', field: 'form', parse: 'json-file' },
        { flag: '--diff-file', value: 'F|-', field: 'diff', parse: 'file' },
        timeoutFlag,
      ],
      view: 'answer',
    },
    mcp: {
      tool: 'ask',
      description:
        'Ask a person one clear question and wait for the answer; your run continues. Prefer this tool to block. If the state in the answer is not “answered”, end your turn.',
    },
  },

  'question.permission': {
    summary: 'Decide whether a worker may use a tool: by the rules of its profile, else by asking a person',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      tool_name: requiredText('tool_name', 200).describe('The tool that the agent wants to use'),
      input: jsonObjectNamed('input').default({}).describe('The input of that tool'),
      tool_use_id: optionalText('tool_use_id', 200),
    }),
    output: z.union([
      z.object({ behavior: z.literal('allow'), updatedInput: jsonObject }),
      z.object({ behavior: z.literal('deny'), message: z.string() }),
    ]),
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/permission' },
    mcp: {
      tool: 'permission',
      description:
        'For the agent’s own permission prompt: decides whether a tool may be used. Do not call it yourself.',
    },
  },

  'question.wait': {
    summary: 'Wait for the answer to a question that was asked before',
    kind: 'read',
    scope: 'board',
    input: z.strictObject({
      ...boardField,
      question_id: questionId,
      timeout_seconds: timeout.describe('Return the open question after this time'),
    }),
    output: asked,
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/questions/{question_id}/wait' },
    cli: {
      verb: 'await',
      args: [{ name: 'QUESTION_ID', field: 'question_id', parse: 'int' }],
      flags: [timeoutFlag],
      view: 'answer',
    },
  },

  'question.show': {
    summary: 'Show a whole question, with the input and the diff that lists leave out',
    kind: 'read',
    scope: 'board',
    input: z.strictObject({ ...boardField, question_id: questionId }),
    output: asked,
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/questions/{question_id}' },
    cli: {
      verb: 'question',
      args: [{ name: 'QUESTION_ID', field: 'question_id', parse: 'int' }],
      view: 'whole-question',
    },
  },

  'question.list': {
    summary: 'List the questions that wait for you, or all questions of a task',
    kind: 'read',
    scope: 'board',
    input: z.strictObject({
      ...boardField,
      task_id: taskId.optional().describe('Only questions of this task'),
      all: z.boolean().default(false).describe('Also answered and withdrawn ones'),
      limit: z.int().min(1).max(1000).default(100),
    }),
    output: z.object({ questions: z.array(question) }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/questions' },
    cli: {
      verb: 'questions',
      args: [{ name: 'TASK_ID', field: 'task_id', optional: true }],
      flags: [
        { flag: '--all', field: 'all', parse: 'flag' },
        { flag: '--limit', value: 'N', field: 'limit', parse: 'int' },
      ],
      view: 'questions',
    },
  },

  'question.answer': {
    summary: 'Answer the question of a waiting worker; its run continues',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({
      ...boardField,
      question: requiredText('question', 200).describe(
        'Number of the question, or id of the task that has only one open question',
      ),
      text: optionalText('text', TEXT_LIMITS.note).describe('The answer, or the reason for an option'),
      option: optionalText('option', 200).describe(
        `One of the options of the question; for a permission ${PERMISSION_OPTIONS.join(', ')}`,
      ),
      form: maybeObject('form').describe('For a form: the filled-in fields'),
    }),
    output: asked,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/questions/{question}/answer' },
    cli: {
      verb: 'answer',
      args: [
        { name: 'QUESTION_ID|TASK_ID', field: 'question' },
        { name: 'TEXT', field: 'text', optional: true },
      ],
      flags: [
        { flag: '--option', value: 'TEXT', field: 'option' },
        { flag: '--form', value: 'JSON', field: 'form', parse: 'json' },
        { flag: '--text-file', value: 'F|-', field: 'text', parse: 'file' },
      ],
      view: 'question',
    },
  },

  'question.withdraw': {
    summary: 'Withdraw an open question; its worker continues without an answer',
    kind: 'write',
    scope: 'board',
    input: z.strictObject({ ...boardField, question_id: questionId }),
    output: asked,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'any',
    http: { method: 'POST', path: '/questions/{question_id}/withdraw' },
    cli: {
      verb: 'withdraw',
      args: [{ name: 'QUESTION_ID', field: 'question_id', parse: 'int' }],
      view: 'question',
    },
  },
} as const satisfies Record<string, OperationSpec>
