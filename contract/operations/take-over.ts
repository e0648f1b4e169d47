import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { task } from '../rows.ts'
import { run } from '../run-rows.ts'
import { openerName } from './settings.ts'
import { taskInput, warnings } from './shared.ts'

/** A person continues the session of an agent, in place of a worker. `task.reclaim` hands the task back. */

export const takeOverOperations = declareOperations({
  'task.take_over': {
    summary:
      'Stop the worker of a task and continue the session of its agent yourself; no worker starts until you hand it back',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        open: z
          .boolean({ error: 'open must be true or false' })
          .default(false)
          .describe('Open the session in a new terminal'),
        opener: openerName()
          .optional()
          .describe('With open: the terminal; the first that is found if not given'),
      }),
    output: () =>
      z.object({
        task: task(),
        /** The run of the person. */
        run: run(),
        /** Continues the session, in `folder`. */
        command: z.array(z.string()),
        folder: z.string(),
        /** The terminal that was opened; null without one. */
        opened: z.string().nullable(),
        warnings: warnings().optional(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/take-over' },
    cli: {
      verb: 'take-over',
      args: [
        { name: 'ID', field: 'id' },
        { name: 'TERMINAL', field: 'opener', optional: true },
      ],
      flags: [{ flag: '--open', field: 'open', parse: 'flag' }],
      view: 'taken-over',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
