import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { optionalText } from '../values.ts'
import { openerName } from './settings.ts'
import { taskInput } from './shared.ts'

/** Programs of the user's that open the folder of a task, or a file in it: editors, terminals, file managers. */
const OPENER_KINDS = ['editor', 'terminal', 'files', 'own'] as const

const opener = lazily(() =>
  z.object({
    name: z.string(),
    title: z.string(),
    /** `own`: from the settings. */
    kind: z.enum(OPENER_KINDS),
    /** The program and its arguments, with {folder}, {path} and {line}. */
    command: z.array(z.string()),
    /** Whether it can open a file at a line. */
    opens_files: z.boolean(),
  }),
)

const openersAnswer = lazily(() => z.object({ openers: z.array(opener()) }))
export type OpenersAnswer = z.infer<ReturnType<typeof openersAnswer>>

export const openerOperations = declareOperations({
  'opener.list': {
    summary:
      'List the programs that can open the folder of a task: those of the settings, and those found here',
    kind: 'read',
    scope: 'app',
    input: () => z.strictObject({}),
    output: openersAnswer,
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/openers' },
    cli: { verb: 'openers', view: 'openers' },
  },
  'task.open_in': {
    summary: 'Open the folder of a task in a program of yours, or a file in it at a line',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        opener: openerName().optional().describe('The name of the program; the first that fits if not given'),
        file: optionalText('file', 4096).describe('A file, relative to the folder of the task'),
        line: z
          .int({ error: 'line must be a whole number' })
          .min(1, { error: 'line must be at least 1' })
          .nullish()
          .transform((value) => value ?? null),
      }),
    output: () => z.object({ opener: z.string(), path: z.string(), command: z.array(z.string()) }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/open-in' },
    cli: {
      verb: 'open-in',
      args: [
        { name: 'ID', field: 'id' },
        { name: 'NAME', field: 'opener', optional: true },
      ],
      flags: [
        { flag: '--file', value: 'F', field: 'file' },
        { flag: '--line', value: 'N', field: 'line', parse: 'int' },
      ],
      view: 'report',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
