import { z } from 'zod'
import type { OperationSpec } from '../operation.ts'
import { requiredText } from '../values.ts'
import { taskInput } from './shared.ts'

/** What a person needs to review the work of a task, besides its diff. */

/** The most lines of a file that one call returns. */
export const MOST_FILE_LINES = 500

export const reviewOperations = {
  'task.file_lines': {
    summary: 'Lines of a file at a commit, to show more of it around the changes of a diff',
    kind: 'read',
    scope: 'board',
    input: z.strictObject({
      ...taskInput,
      commit: z
        .string()
        .regex(/^[0-9a-f]{40,64}$/, { error: 'commit must be the full id of a commit' })
        .describe('The full id of a commit of the task’s repository, such as the base of its diff'),
      path: requiredText('path', 4096).describe('The path of the file in the repository'),
      from: z.int().min(1).describe('The first line, counted from 1'),
      to: z.int().min(1).describe(`The last line; at most ${MOST_FILE_LINES} lines are returned`),
    }),
    output: z.object({
      /** May be fewer than asked for. */
      lines: z.array(z.string()),
      /** How many lines the file has. */
      total: z.int(),
    }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/file-lines' },
  },
} as const satisfies Record<string, OperationSpec>
