import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { requiredText, text, TEXT_LIMITS } from '../values.ts'
import { boardField } from './shared.ts'

/** Filters of a board that are saved under a name. */

const name = lazily(() => requiredText('name', TEXT_LIMITS.name))

/** The query in the address of a filtered board: `{ status: 'ready', q: 'login' }`. */
const query = lazily(() =>
  z
    .record(text('a key of query', TEXT_LIMITS.name), text('a value of query', TEXT_LIMITS.title), {
      error: 'query must be an object of texts',
    })
    .refine((value) => Object.keys(value).length <= 50, { error: 'query has at most 50 keys' }),
)

export const savedView = lazily(() =>
  z
    .object({ name: z.string(), query: z.record(z.string(), z.string()), created_at: z.int() })
    .meta({ id: 'SavedView' }),
)
export type SavedView = z.infer<ReturnType<typeof savedView>>

export const viewOperations = declareOperations({
  'view.list': {
    summary: 'List the saved views of the board, by name',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () => z.object({ views: z.array(savedView()) }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/views' },
  },
  'view.save': {
    summary: 'Save a view of the board, replacing one of the same name',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), name: name(), query: query() }),
    output: () => z.object({ view: savedView() }),
    errors: ['CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/views' },
  },
  'view.delete': {
    summary: 'Delete a saved view',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), name: name() }),
    output: () => z.object({ deleted: z.string() }),
    errors: ['NOT_FOUND'],
    worker: 'never',
    http: { method: 'DELETE', path: '/views/{name}' },
  },
} as const satisfies Record<string, OperationDeclaration>)
