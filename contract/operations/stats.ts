import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { taskStatus } from '../rows.ts'
import { boardField } from './shared.ts'

export const statsOperations = declareOperations({
  'stats.show': {
    summary: 'Count tasks by status and profile, and runs by outcome',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () =>
      z.object({
        by_status: z.record(taskStatus(), z.int()),
        by_assignee: z.record(z.string(), z.record(taskStatus(), z.int())),
        by_outcome: z.record(z.string(), z.int()),
        oldest_ready_age_ms: z.int().nullable(),
        runs_open: z.int(),
        /** Tasks for which `hasFailed` holds: the last attempt failed and nothing has happened since. */
        failed: z.int(),
        /** Attempts that failed since midnight. */
        failed_today: z.int(),
        needs_me: z.int(),
        /** Unseen entries of the inbox: `unseen` of its counts. */
        unseen: z.int(),
        now: z.int(),
      }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/stats' },
    cli: { verb: 'stats', view: 'stats' },
  },
} as const satisfies Record<string, OperationDeclaration>)
