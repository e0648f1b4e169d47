import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { board, dispatcherState } from '../board-rows.ts'
import { card, event, omittedTasks, taskStatus } from '../rows.ts'
import { text, TEXT_LIMITS } from '../values.ts'
import { boardField } from './shared.ts'

/** The board as screens show it, and the changes that keep them up to date. */

const columns = lazily(() =>
  z.array(
    z.object({
      status: taskStatus(),
      count: z.int(),
      cards: z.array(card()),
    }),
  ),
)

export const boardViewOperations = declareOperations({
  'board.view': {
    summary: 'The board as a screen shows it: its columns with cards, and the cursor to continue from',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        archived: z.boolean().default(false),
        done_limit: z
          .int()
          .min(0)
          .max(100_000)
          .default(200)
          .describe('Cards in done and archived, newest first'),
        limit: z
          .int()
          .min(1)
          .max(100_000)
          .optional()
          .describe('Cards in each other column, the next to run first; all of them if not given'),
      }),
    output: () =>
      z.object({
        board: board(),
        columns: columns(),
        /** Absent when there is nothing more within the limits asked for. */
        omitted: omittedTasks().optional(),
        cursor: z.int(),
        dispatcher: dispatcherState(),
        /** Sentences that apply to many cards, such as why a profile is held. */
        notices: z.array(z.string()),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/board' },
  },

  'board.changes': {
    summary: 'What changed on the board since a cursor: the changed cards only',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), since: z.int().min(0) }),
    output: () =>
      z.object({
        cursor: z.int(),
        /** True when too much has changed for single cards: read the board again. */
        reset: z.boolean(),
        cards: z.array(card()),
        removed: z.array(z.string()),
        counts: z.record(taskStatus(), z.int()),
        dispatcher: dispatcherState(),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/board/changes' },
  },

  'event.list': {
    summary: 'List events after a cursor, oldest first',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        since: z.int().min(0).default(0),
        task_id: text('task_id', 100).optional(),
        limit: z.int().min(1).max(10_000).default(500),
      }),
    output: () => z.object({ events: z.array(event()), cursor: z.int() }),
    errors: ['NOT_FOUND'],
    worker: 'any',
  },

  'event.watch': {
    summary: 'Follow the events of the board',
    kind: 'stream',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        since: z.int().min(0).optional().describe('Cursor to continue from; without one, from now on'),
        task_id: text('task_id', 100).optional(),
        kinds: z.array(z.string()).default([]),
        assignee: text('assignee', TEXT_LIMITS.name).optional(),
        tenant: text('tenant', TEXT_LIMITS.name).optional(),
      }),
    output: event,
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/events' },
    cli: {
      verb: 'watch',
      flags: [
        { flag: '--kinds', value: 'K,…', field: 'kinds', many: true },
        { flag: '--assignee', value: 'P', field: 'assignee' },
        { flag: '--tenant', value: 'T', field: 'tenant' },
        { flag: '--since', value: 'CURSOR', field: 'since', parse: 'int' },
      ],
      view: 'events',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
