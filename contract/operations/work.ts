import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { task } from '../rows.ts'
import { MERGE_STATES } from '../states.ts'
import { optionalText, TEXT_LIMITS } from '../values.ts'
import { idArg, mergeMethod, methodFlags, taskAnswer, taskInput } from './shared.ts'

/** The work of a task that has a git worktree: show it, merge it, or discard it. */

const diffLine = lazily(() =>
  z.object({
    kind: z.enum(['context', 'added', 'removed']),
    text: z.string(),
    old_line: z.int().nullable(),
    new_line: z.int().nullable(),
  }),
)

const hunk = lazily(() =>
  z.object({
    old_start: z.int(),
    new_start: z.int(),
    /** The line that git prints beside the line numbers, such as the enclosing function; may be empty. */
    heading: z.string(),
    lines: z.array(diffLine()),
  }),
)

const changedFile = lazily(() =>
  z
    .object({
      path: z.string(),
      old_path: z.string().nullable(),
      change: z.enum(['added', 'modified', 'deleted', 'renamed']),
      /** Number of lines; both are null for a file that is not text, or is too large or unreadable. */
      additions: z.int().nullable(),
      deletions: z.int().nullable(),
      binary: z.boolean(),
      /** false for a new file that git does not know yet. */
      tracked: z.boolean(),
      /** Whether some or all of its change is uncommitted. */
      uncommitted: z.boolean(),
      /** `repository`: a repository that is not a submodule, left there by a worker; it prevents a merge. */
      entry: z.enum(['file', 'submodule', 'repository']),
      hunks: z.array(hunk()),
      /** Whether `hunks` is cut. */
      cut: z.boolean(),
      /** A digest of the whole change of the file, even if `hunks` is cut; null when it was not read. */
      digest: z.string().nullable(),
    })
    .meta({ id: 'ChangedFile' }),
)
export type ChangedFile = z.infer<ReturnType<typeof changedFile>>

const commit = lazily(() =>
  z.object({ id: z.string(), author: z.string(), at: z.int(), subject: z.string() }).meta({ id: 'Commit' }),
)
export type Commit = z.infer<ReturnType<typeof commit>>

const diffAnswer = lazily(() =>
  z
    .object({
      /** null when the worktree is not on a branch. */
      branch: z.string().nullable(),
      /** The commit that the diff starts from. */
      base: z.string(),
      /** The newest commit of the work. The diff includes uncommitted files too. */
      head: z.string(),
      /** null when the folder is gone and only the branch is left. */
      worktree: z.string().nullable(),
      /** The branch that the work would be merged into. */
      into: z.string().nullable(),
      /** Why the work cannot be merged; null when it can. */
      merge_refusal: z.string().nullable(),
      merge_state: z.enum(MERGE_STATES).nullable(),
      /**
       * The last merge of this work. While `merge_state` is `merged`, base and head, commits and files are those of the
       * merge.
       */
      merged: z
        .object({
          into: z.string().nullable(),
          /** null for a merge by hand whose commit the person did not name. */
          commit: z.string().nullable(),
          base: z.string().nullable(),
          head: z.string().nullable(),
          at: z.int(),
          by: z.string().nullable(),
        })
        .nullable(),
      /** The reviews that requested changes, oldest first: what `since` can name. */
      reviews: z.array(z.object({ attempt: z.int(), commit: z.string(), at: z.int(), by: z.string() })),
      /** The attempt whose reviewed work the diff starts from; null for all of the work. */
      since: z.int().nullable(),
      /** The visit of a workflow step whose changes these are; null for all of the work. */
      visit: z.object({ id: z.int(), step: z.string(), visit: z.int() }).nullable(),
      /** Whether the merge was reverted and the work has not been merged again. */
      reverted: z.boolean(),
      /** Number of files with uncommitted changes. */
      uncommitted: z.int(),
      /** The newest first; `commits_count` is the total. */
      commits: z.array(commit()),
      commits_count: z.int(),
      files: z.array(changedFile()),
      files_count: z.int(),
    })
    .meta({ id: 'Diff' }),
)
export type Diff = z.infer<ReturnType<typeof diffAnswer>>

const into = lazily(() =>
  optionalText('into', 255).describe(
    'The branch to merge into, instead of the one that the work started from',
  ),
)

export const workOperations = declareOperations({
  'task.diff': {
    summary: 'Show what the work in a task’s worktree changes: files, hunks, commits',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        into: into(),
        since: z
          .int({ error: 'since must be the number of an attempt' })
          .min(1)
          .optional()
          .describe('Only the changes since the review of this attempt, which requested changes'),
        visit: z
          .int({ error: 'visit must be the number of a visit' })
          .min(1)
          .optional()
          .describe('Only what this visit of a workflow step changed; “runboard walk ID” has its number'),
      }),
    output: diffAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/diff' },
    cli: {
      verb: 'diff',
      args: idArg,
      flags: [
        { flag: '--into', value: 'BRANCH', field: 'into' },
        { flag: '--since', value: 'ATTEMPT', field: 'since', parse: 'int' },
        { flag: '--visit', value: 'VISIT', field: 'visit', parse: 'int' },
      ],
      view: 'diff',
    },
  },

  'task.merge': {
    summary: 'Merge the work of a task into the branch it started from; a task in review is approved as well',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        into: into(),
        message: optionalText('message', TEXT_LIMITS.note).describe(
          'Message of the merge commit; the title of the task if not given',
        ),
        method: mergeMethod(),
      }),
    output: () => z.object({ ...taskAnswer().shape, into: z.string(), commit: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/merge' },
    cli: {
      verb: 'merge',
      args: idArg,
      flags: [
        { flag: '--into', value: 'BRANCH', field: 'into' },
        { flag: '--message', value: 'M', field: 'message' },
        ...methodFlags,
      ],
      view: 'merged',
    },
  },

  'task.mark_merged': {
    summary:
      'Record that the work of a task was merged by hand, or undo that; for merges that git does not show',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        commit: optionalText('commit', 255).describe('The commit that brought the work in'),
        into: optionalText('into', 255).describe(
          'The branch that has the work; by default, the branch that the work is for',
        ),
        merged: z
          .boolean({ error: 'merged must be true or false' })
          .default(true)
          .describe('false undoes the record: the work counts as not merged'),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/mark-merged' },
    cli: {
      verb: 'mark-merged',
      args: idArg,
      flags: [
        { flag: '--commit', value: 'C', field: 'commit' },
        { flag: '--into', value: 'BRANCH', field: 'into' },
        {
          flag: '--not',
          field: 'merged',
          parse: 'flag',
          constant: false,
          help: 'mark the work as not merged',
        },
      ],
      view: 'task',
    },
  },

  'task.discard': {
    summary: 'Move the worktree of a task to the trash and archive the task; its branch stays',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () =>
      z.object({
        task: task(),
        /** Where the folder is now. */
        moved_to: z.string(),
        /** The branch that keeps its commits. */
        branch: z.string(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/discard' },
    cli: { verb: 'discard', args: idArg, view: 'discarded' },
  },
} as const satisfies Record<string, OperationDeclaration>)
