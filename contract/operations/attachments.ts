import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { attachment, task } from '../rows.ts'
import { attachInputs, boardField, ownArg, taskInput } from './shared.ts'

const attachmentInput = lazily(() => ({
  ...boardField(),
  attachment_id: z.int().min(1).describe('Id of the attachment'),
}))

/** Files of a task. */
export const attachmentOperations = declareOperations({
  'attachment.add': {
    summary: 'Attach copies of files to a task; its workers get their paths',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), ...attachInputs() }),
    output: () => z.object({ task: task(), attachments: z.array(attachment()) }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'own',
    http: { method: 'POST', path: '/tasks/{id}/attachments' },
    cli: {
      verb: 'attach',
      args: [
        { name: 'ID', field: 'id', own: true },
        { name: 'FILE', field: 'attach', parse: 'path', many: true },
      ],
      view: 'attachments',
    },
    mcp: {
      tool: 'attach',
      description: 'Attach files (absolute paths) to a task, so that people and later attempts get them.',
    },
  },
  'attachment.list': {
    summary: 'List the files of a task',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () => z.object({ attachments: z.array(attachment()) }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/attachments' },
    cli: { verb: 'attachments', args: ownArg, view: 'attachments' },
  },
  'attachment.read': {
    summary: 'Read an attached file',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(attachmentInput()),
    output: () =>
      z.object({ attachment: attachment(), content: z.string().describe('The content, as base64') }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/attachments/{attachment_id}' },
  },
  'attachment.remove': {
    summary: 'Detach a file from its task; it moves to the board’s trash folder',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(attachmentInput()),
    output: () => z.object({ task: task(), attachment: attachment() }),
    errors: ['NOT_FOUND'],
    worker: 'never',
    http: { method: 'DELETE', path: '/attachments/{attachment_id}' },
    cli: {
      verb: 'detach',
      args: [{ name: 'ATTACHMENT', field: 'attachment_id', parse: 'int' }],
      view: 'attachments',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
