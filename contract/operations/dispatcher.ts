import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { dispatcherState } from '../board-rows.ts'
import { GATES } from '../rows.ts'
import { boardField } from './shared.ts'

export const dispatcherOperations = declareOperations({
  'dispatcher.dispatch': {
    summary:
      'Claim ready tasks and start their workers once; with wait, until nothing is running and nothing can start',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        dry_run: z.boolean().default(false),
        max: z
          .int({ error: 'max must be a whole number' })
          .min(1, { error: 'max must be at least 1' })
          .optional(),
        wait: z.boolean().default(false),
      }),
    output: () =>
      z.object({
        claimed: z.array(z.object({ task_id: z.string(), run_id: z.int().nullable(), profile: z.string() })),
        skipped: z.array(z.object({ task_id: z.string(), gate: z.enum(GATES), sentence: z.string() })),
        dry_run: z.boolean(),
      }),
    errors: ['CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/dispatch' },
    cli: {
      verb: 'dispatch',
      flags: [
        {
          flag: '--dry-run',
          field: 'dry_run',
          parse: 'flag',
          help: 'list what would be claimed, and change nothing',
        },
        { flag: '--max', value: 'N', field: 'max', parse: 'int' },
        {
          flag: '--wait',
          field: 'wait',
          parse: 'flag',
          help: 'repeat until nothing is running and nothing can start',
        },
      ],
      view: 'dispatch',
    },
  },

  'dispatcher.show': {
    summary: 'Show which process dispatches the board',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () => z.object({ dispatcher: dispatcherState() }),
    errors: [],
    worker: 'any',
  },

  'dispatcher.pause': {
    summary: 'Stop claiming on the board; running workers finish',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () => z.object({ dispatcher: dispatcherState() }),
    errors: [],
    worker: 'planner',
    http: { method: 'POST', path: '/pause' },
    cli: { verb: 'pause', view: 'dispatcher' },
  },

  'dispatcher.resume': {
    summary: 'Resume claiming on the board',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () => z.object({ dispatcher: dispatcherState() }),
    errors: [],
    worker: 'never',
    http: { method: 'POST', path: '/resume' },
    cli: { verb: 'resume', view: 'dispatcher' },
  },
} as const satisfies Record<string, OperationDeclaration>)
