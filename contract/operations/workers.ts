import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { worker } from '../run-rows.ts'
import { boardField } from './shared.ts'

export const workerOperations = declareOperations({
  'worker.list': {
    summary: 'List the workers: runs that are open, or whose process still runs',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () => z.object({ workers: z.array(worker()) }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/workers' },
    cli: { verb: 'workers', view: 'workers' },
  },
} as const satisfies Record<string, OperationDeclaration>)
