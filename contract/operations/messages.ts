import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { message } from '../message-rows.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { requiredText, TEXT_LIMITS } from '../values.ts'
import { idArg, ownArg, taskInput, warnings } from './shared.ts'

/** Messages of people to workers. If a worker takes no messages while it runs, the next attempt gets them in its context. */

const messageId = lazily(() =>
  z
    .int({ error: 'a message id must be a whole number' })
    .min(1, { error: 'a message id must be a whole number from 1' }),
)

export const messageOperations = declareOperations({
  'message.tell': {
    summary:
      'Send a message to the worker of a task: at once if it can take messages, else to the next attempt',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        body: requiredText('the message', TEXT_LIMITS.note).describe('What the worker should know'),
        interrupt: z
          .boolean({ error: 'interrupt must be true or false' })
          .default(false)
          .describe('Interrupt the current turn if the agent takes no message during a turn'),
      }),
    output: () => z.object({ message: message(), warnings: warnings().optional() }),
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/tell' },
    cli: {
      verb: 'tell',
      args: [...idArg, { name: 'TEXT', field: 'body' }],
      flags: [
        { flag: '--body-file', value: 'F|-', field: 'body', parse: 'file' },
        { flag: '--interrupt', field: 'interrupt', parse: 'flag' },
      ],
      view: 'message',
    },
  },

  'message.list': {
    summary: 'List the messages to the worker of a task, each with its state',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        since: z.int().min(0).default(0).describe('Only messages with a greater id'),
        queued: z.boolean().default(false).describe('Only messages that the open run has not taken yet'),
        limit: z.int().min(1).max(1000).default(100).describe('Maximum messages, the oldest first'),
      }),
    output: () => z.object({ messages: z.array(message()) }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/messages' },
    cli: {
      verb: 'messages',
      args: ownArg,
      flags: [
        { flag: '--since', value: 'ID', field: 'since', parse: 'int' },
        { flag: '--queued', field: 'queued', parse: 'flag' },
        { flag: '--limit', value: 'N', field: 'limit', parse: 'int' },
      ],
      view: 'messages',
    },
  },

  'message.deliver': {
    summary: 'Record that a worker has taken a message',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        message_id: messageId(),
        how: requiredText('how', 200).describe('How it reached the worker, in words'),
      }),
    output: () => z.object({ message: message() }),
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/messages/{message_id}/deliver' },
  },
} as const satisfies Record<string, OperationDeclaration>)
