import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { boardExport } from '../exchange.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { wouldRunAnswer } from '../board-rows.ts'
import { optionalText, requiredText, slug } from '../values.ts'
import { boardField } from './shared.ts'

/** Boards as files: export, import, and import from other programs. */

const counts = lazily(() => ({
  tasks: z.int(),
  links: z.int(),
  runs: z.int(),
  comments: z.int(),
  events: z.int(),
}))

const imported = lazily(() =>
  z.object({
    board: z.string(),
    /** Whether it became the current board, which happens only if there was none. */
    became_current: z.boolean(),
    current_board: z.string(),
    path: z.string(),
    ...counts(),
    /** One sentence for each thing that could not be imported unchanged. */
    warnings: z.array(z.string()),
    /** Nothing on it runs before `board.accept`; the fields below list what would. */
    unaccepted: z.boolean(),
    ...wouldRunAnswer(),
  }),
)

const file = lazily(() => requiredText('path', 4096))
const asFlag = {
  flag: '--as',
  value: 'SLUG',
  field: 'slug',
  help: 'the board to create; an existing one must be empty',
} as const

export const exchangeOperations = declareOperations({
  'exchange.export': {
    summary: 'Export the board as JSON, to standard output or to a file',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        format: z.enum(['json', 'jsonl'], { error: 'format must be json or jsonl' }).default('json'),
        out: optionalText('out', 4096).describe(
          'A file; an existing one is replaced once the new one is complete',
        ),
      }),
    output: () =>
      z.union([
        z.object({ path: z.string(), size_bytes: z.int(), format: z.enum(['json', 'jsonl']), ...counts() }),
        boardExport(),
        z.object({ lines: z.array(z.string()) }),
      ]),
    errors: ['CONFLICT'],
    worker: 'never',
    http: { method: 'GET', path: '/export' },
    cli: {
      verb: 'export',
      flags: [
        { flag: '--format', value: 'json|jsonl', field: 'format' },
        { flag: '--out', value: 'F', field: 'out', parse: 'path' },
      ],
      view: 'report',
    },
  },
  'exchange.import_json': {
    summary:
      'Create a board from an export; it starts paused until you accept what it would run (boards accept)',
    kind: 'write',
    scope: 'app',
    input: () =>
      z.strictObject({
        path: file(),
        slug: slug().optional().describe('If not given, named after the exported board'),
      }),
    output: imported,
    errors: ['NOT_FOUND', 'CONFLICT', 'BOARD_TOO_NEW'],
    worker: 'never',
    http: { method: 'POST', path: '/import/json' },
    cli: {
      verb: 'import json',
      args: [{ name: 'FILE', field: 'path', parse: 'path' }],
      flags: [asFlag],
      view: 'report',
    },
  },
  'exchange.import_hermes': {
    summary:
      'Create a board from a kanban.db of Hermes Agent, which is not changed; the new board starts paused',
    kind: 'write',
    scope: 'app',
    input: () =>
      z.strictObject({
        path: file(),
        slug: slug().optional().describe('If not given, named after the folder of the file, or else hermes'),
      }),
    output: imported,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/import/hermes' },
    cli: {
      verb: 'import hermes',
      args: [{ name: 'FILE', field: 'path', parse: 'path' }],
      flags: [asFlag],
      view: 'report',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
