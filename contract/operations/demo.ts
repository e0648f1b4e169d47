import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'

export const demoOperations = declareOperations({
  'demo.create': {
    summary: 'Create the demo board, whose tasks are run by small real processes',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({}),
    output: () => z.object({ board: z.string(), tasks: z.array(z.string()) }),
    errors: [],
    worker: 'planner',
    http: { method: 'POST', path: '/demo' },
    cli: { verb: 'demo', view: 'demo' },
  },
} as const satisfies Record<string, OperationDeclaration>)
