import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { taskId } from '../values.ts'
import { boardField } from './shared.ts'

/** Problems of a board, computed on request; nothing is stored. */

export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export const DIAGNOSTIC_KINDS = [
  'stuck',
  'stranded',
  'misassigned',
  'failing',
  'looping',
  'stale',
  'over_limits',
  'profile_held',
  'rejected_cards',
] as const
export type DiagnosticKind = (typeof DIAGNOSTIC_KINDS)[number]

export const diagnostic = lazily(() =>
  z
    .object({
      kind: z.enum(DIAGNOSTIC_KINDS),
      severity: z.enum(SEVERITIES),
      /** The tasks concerned, oldest first; empty if it concerns the board or a profile. */
      task_ids: z.array(z.string()),
      /** Title of the first of them. */
      title: z.string().nullable(),
      run_id: z.int().nullable(),
      profile: z.string().nullable(),
      sentence: z.string(),
      /** The one remedy, as a verb of the CLI with its arguments. */
      action: z.string().nullable(),
      since_at: z.int().nullable(),
    })
    .meta({ id: 'Diagnostic' }),
)
export type Diagnostic = z.infer<ReturnType<typeof diagnostic>>

export const diagnosticOperations = declareOperations({
  'diagnostics.list': {
    summary:
      'List tasks that are stuck, stranded, misassigned, looping, stale or over their limits, worst first',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        severity: z
          .enum(SEVERITIES, { error: `severity must be one of ${SEVERITIES.join(', ')}` })
          .default('info')
          .describe('Only findings at least this severe'),
        task_id: taskId().optional(),
      }),
    output: () => z.object({ diagnostics: z.array(diagnostic()) }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/diagnostics' },
    cli: {
      verb: 'diagnostics',
      flags: [
        { flag: '--severity', value: SEVERITIES.join('|'), field: 'severity' },
        { flag: '--task', value: 'ID', field: 'task_id' },
      ],
      view: 'diagnostics',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
