import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { EVENT_KINDS } from '../events.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { task } from '../rows.ts'
import { question } from '../question-rows.ts'
import { run } from '../run-rows.ts'
import { taskId } from '../values.ts'
import { asked } from './asked.ts'
import { boardField, taskInput } from './shared.ts'

/** What a person should know: what needs them, what failed, and what finished since they last looked. */

/**
 * The groups of the inbox, in the order in which a person goes through them. `questions`: runs that wait for an answer,
 * blocked tasks, plans to accept, approve steps of workflows. `reviews`: finished work to look at. `failures`: tasks
 * whose last attempt failed, including those that gave up. `finished`: tasks that ended well and were not seen yet.
 */
const INBOX_GROUPS = ['questions', 'reviews', 'failures', 'finished'] as const
export type InboxGroup = (typeof INBOX_GROUPS)[number]

export const inboxItem = lazily(() =>
  z
    .object({
      group: z.enum(INBOX_GROUPS),
      /** The event that put it into the inbox. */
      kind: z.enum(EVENT_KINDS),
      task: task(),
      /** The run concerned, if there is one. */
      run: run().nullable(),
      at: z.int(),
      /** What happened and what comes next. */
      sentence: z.string(),
      /** For a failure, only what happened: for a screen that shows what comes next live, as a countdown. */
      happened: z.string().nullable(),
      /** The one suitable action, as a verb of the CLI with its arguments. */
      action: z.string().nullable(),
      /** Whether its event is newer than the last time that the entry or the whole inbox was marked as seen. */
      unseen: z.boolean(),
      /** At an approve step of a workflow: the question, and the visit that an answer is for; else null. */
      asks: asked().extend({ visit: z.int() }).nullable(),
      /** The oldest open question of its open run; null when the run does not wait for an answer. */
      question: question().nullable(),
    })
    .meta({ id: 'InboxItem' }),
)
export type InboxItem = z.infer<ReturnType<typeof inboxItem>>

const counts = lazily(() =>
  z.object({
    /** Runs that wait for an answer, blocked tasks, tasks in review, plans to accept: `needs_me` of the stats. */
    needs_you: z.int(),
    failed: z.int(),
    finished: z.int(),
    unseen: z.int(),
    groups: z.record(z.enum(INBOX_GROUPS), z.int()),
  }),
)

export const inboxOperations = declareOperations({
  'inbox.show': {
    summary: 'Show what needs you, what failed and what finished since you last looked',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        seen: z
          .boolean()
          .default(false)
          .describe('Mark everything as seen afterwards; questions and reviews stay until answered'),
        limit: z
          .int()
          .min(1)
          .max(1000)
          .default(100)
          .describe('Items per group, oldest first; fewer if they exceed 2 MB'),
      }),
    output: () =>
      z.object({
        needs_you: z.array(inboxItem()),
        failed: z.array(inboxItem()),
        finished: z.array(inboxItem()),
        counts: counts(),
        /** The board's newest event: the position to mark as seen. */
        cursor: z.int(),
        /** The position that was marked as seen before this call. */
        seen_until: z.int(),
      }),
    errors: [],
    worker: 'never',
    http: { method: 'GET', path: '/inbox' },
    cli: {
      verb: 'inbox',
      flags: [{ flag: '--seen', field: 'seen', parse: 'flag' }],
      view: 'inbox',
    },
  },
  'inbox.mark_seen': {
    summary: 'Mark the inbox, a group of it, or some of its tasks as seen, up to an event or up to now',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        until: z.int().min(0).optional(),
        task_ids: z.array(taskId()).min(1).max(1000).optional().describe('Only these tasks'),
        group: z.enum(INBOX_GROUPS).optional().describe('Only the tasks of this group'),
      }),
    output: () => z.object({ seen_until: z.int() }),
    errors: [],
    worker: 'never',
    http: { method: 'POST', path: '/inbox/seen' },
  },
  'inbox.mark_unseen': {
    summary: 'Mark the inbox entry of a task as unseen',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: () => z.object({ id: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/inbox/{id}/unseen' },
  },
} as const satisfies Record<string, OperationDeclaration>)
