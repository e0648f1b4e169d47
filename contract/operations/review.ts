import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { task } from '../rows.ts'
import { optionalText, requiredText, text, TEXT_LIMITS } from '../values.ts'
import { boardField, idArg, taskAnswer, taskInput } from './shared.ts'

/** What a person needs to review the work of a task, besides its diff. */

/** Maximum lines of a file that one call returns. */
export const MOST_FILE_LINES = 500

/** A remark on a line of a diff. */
export const lineRemark = lazily(() =>
  z.strictObject({
    path: requiredText('path', 4096),
    line: z.int().min(1).describe('In the file after the change; for a removed line, in the file before it'),
    removed: z.boolean({ error: 'removed must be true or false' }).default(false),
    quote: text('quote', TEXT_LIMITS.note).default('').describe('The text of the line'),
    text: requiredText('text', TEXT_LIMITS.note),
  }),
)

const remark = lazily(() =>
  z
    .object({
      ...lineRemark().shape,
      /** The attempt whose work was reviewed. */
      attempt: z.int(),
      /** The first later attempt that handed work over; null while there is none. */
      answered_attempt: z.int().nullable(),
      at: z.int(),
      by: z.string(),
    })
    .meta({ id: 'Remark' }),
)
export type Remark = z.infer<ReturnType<typeof remark>>

const conflict = lazily(() =>
  z
    .object({
      task_id: z.string(),
      /** The other task; null when the conflict is with the target branch. */
      other_id: z.string().nullable(),
      /** The other branch. */
      branch: z.string(),
      /** The list is cut at 20. */
      files: z.array(z.string()),
      files_count: z.int(),
    })
    .meta({ id: 'Conflict' }),
)
export type Conflict = z.infer<ReturnType<typeof conflict>>

export const reviewOperations = declareOperations({
  'board.conflicts': {
    summary:
      'Open branches that would conflict with their target, or with each other, if they were merged now',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () =>
      z.object({
        /** Why this git cannot find conflicts; null when it can. */
        problem: z.string().nullable(),
        /** A conflict of two tasks is listed once for each of them. */
        conflicts: z.array(conflict()),
        /** How many branches were compared; the oldest are left out when there are too many. */
        branches: z.int(),
        omitted: z.int(),
      }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/conflicts' },
    cli: { verb: 'conflicts', view: 'conflicts' },
  },

  'task.remarks': {
    summary: 'The remarks that were made on lines of a task’s work, and the attempts that answered them',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () => z.object({ remarks: z.array(remark()) }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/remarks' },
    cli: { verb: 'remarks', args: idArg, view: 'remarks' },
  },

  'task.file_lines': {
    summary: 'Lines of a file at a commit, to show more of it around the changes of a diff',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        commit: z
          .string()
          .regex(/^[0-9a-f]{40,64}$/, { error: 'commit must be the full id of a commit' })
          .describe('The full id of a commit of the task’s repository, such as the base of its diff'),
        path: requiredText('path', 4096).describe('The path of the file in the repository'),
        from: z.int().min(1).describe('The first line, counted from 1'),
        to: z.int().min(1).describe(`The last line; at most ${MOST_FILE_LINES} lines are returned`),
      }),
    output: () =>
      z.object({
        /** May be fewer than asked for. */
        lines: z.array(z.string()),
        /** How many lines the file has. */
        total: z.int(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/file-lines' },
  },

  'task.revert_merge': {
    summary: 'Revert the merge of a task’s work with a new commit on its branch',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        message: optionalText('message', TEXT_LIMITS.note).describe(
          'Message of the revert commit; if not given, it names the merge',
        ),
      }),
    output: () => z.object({ ...taskAnswer().shape, into: z.string(), commit: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/revert-merge' },
    cli: {
      verb: 'revert-merge',
      args: idArg,
      flags: [{ flag: '--message', value: 'M', field: 'message' }],
      view: 'reverted',
    },
  },

  'task.clean_up': {
    summary: 'Remove the worktree and the branch of a task whose work is merged',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () =>
      z.object({
        task: task(),
        /** Where the folder is now; null when it was gone already. */
        moved_to: z.string().nullable(),
        /** The branch that was deleted; null when it was gone already. */
        branch: z.string().nullable(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/clean-up' },
    cli: { verb: 'clean-up', args: idArg, view: 'cleaned' },
  },
} as const satisfies Record<string, OperationDeclaration>)

/** The answer of `board.conflicts`. */
export type ConflictsAnswer = z.output<(typeof reviewOperations)['board.conflicts']['output']>
