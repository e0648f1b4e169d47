import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { comment, task } from '../rows.ts'
import { requiredText, taskId, TEXT_LIMITS, optionalText } from '../values.ts'
import { boardField } from './shared.ts'

const linkInput = lazily(() =>
  z.strictObject({
    ...boardField(),
    parent_id: taskId().describe('The task that must be done first'),
    child_id: taskId().describe('The task that waits for it'),
  }),
)
const linkOutput = lazily(() =>
  z.object({
    parent_id: z.string(),
    child_id: z.string(),
    changed: z.boolean(),
    child: task(),
  }),
)

export const linkAndCommentOperations = declareOperations({
  'link.add': {
    summary: 'Make one task wait for another',
    kind: 'write',
    scope: 'board',
    input: linkInput,
    output: linkOutput,
    errors: ['NOT_FOUND', 'CYCLE'],
    worker: 'planner',
    http: { method: 'POST', path: '/links' },
    cli: {
      verb: 'link',
      args: [
        { name: 'PARENT', field: 'parent_id' },
        { name: 'CHILD', field: 'child_id' },
      ],
      view: 'link',
    },
    mcp: { tool: 'link', description: 'Make child_id wait until parent_id is done.', planner: true },
  },
  'link.remove': {
    summary: 'Make one task no longer wait for another',
    kind: 'write',
    scope: 'board',
    input: linkInput,
    output: linkOutput,
    errors: ['NOT_FOUND'],
    worker: 'planner',
    http: { method: 'DELETE', path: '/links' },
    cli: {
      verb: 'unlink',
      args: [
        { name: 'PARENT', field: 'parent_id' },
        { name: 'CHILD', field: 'child_id' },
      ],
      view: 'link',
    },
    mcp: {
      tool: 'unlink',
      description: 'Remove the dependency of child_id on parent_id.',
      destructive: true,
      planner: true,
    },
  },
  'comment.add': {
    summary: 'Write a comment on a task',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        id: taskId(),
        body: requiredText('body', TEXT_LIMITS.comment).describe('The comment, as Markdown'),
        author: optionalText('author', TEXT_LIMITS.name).describe(
          'Who says it; a worker speaks as its profile',
        ),
      }),
    output: () => z.object({ task: task(), comment: comment() }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/comments' },
    cli: {
      verb: 'comment',
      args: [
        { name: 'ID', field: 'id', own: true },
        { name: 'TEXT', field: 'body' },
      ],
      flags: [
        { flag: '--body-file', value: 'F|-', field: 'body', parse: 'file' },
        { flag: '--author', value: 'N', field: 'author' },
      ],
      view: 'comment',
    },
    mcp: {
      tool: 'comment',
      description: 'Write a comment on a task. Later attempts and people read it; it does not end the run.',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
