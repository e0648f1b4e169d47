import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { outcome } from '../run-rows.ts'
import { profileName, seconds, slug } from '../values.ts'

/** The steps of a test, in order. Only a profile with driver=acp has `session` and `question`. */
export const TEST_STEPS = [
  'profile',
  'executable',
  'workspace',
  'start',
  'session',
  'output',
  'question',
  'report',
  'exit',
] as const
export type TestStep = (typeof TEST_STEPS)[number]

const step = lazily(() =>
  z.object({
    name: z.enum(TEST_STEPS),
    ok: z.boolean(),
    sentence: z.string(),
    /** Milliseconds from the start of the test to the end of this step. */
    after_ms: z.int().nullable(),
  }),
)

export const profileTestOperations = declareOperations({
  'profile.test': {
    summary: 'Run a profile on a throwaway task and show each step; your boards are not touched',
    kind: 'write',
    scope: 'app',
    input: () =>
      z.strictObject({
        name: profileName(),
        board: slug().optional().describe('Board whose project the test works on a copy of'),
        timeout_seconds: seconds()
          .max(3600, { error: 'timeout must be at most an hour' })
          .default(180)
          .describe('How long its worker may take before it is stopped'),
      }),
    output: () =>
      z.object({
        ok: z.boolean(),
        profile: z.string(),
        /** The steps that were reached; the first that is not ok is the last. */
        steps: z.array(step()),
        outcome: outcome().nullable(),
        summary: z.string().nullable(),
        error: z.string().nullable(),
        exit_code: z.int().nullable(),
        signal: z.string().nullable(),
        command: z.array(z.string()).nullable(),
        /** How the worker's environment differs from Runboard's own. Names only: values may be secret. */
        environment: z.object({
          taken: z.array(z.object({ name: z.string(), reason: z.string() })),
          /** Folders removed from the start of the PATH. */
          taken_from_path: z.array(z.string()),
          added: z.array(z.string()),
        }),
        elapsed_ms: z.int(),
        /** The end of the worker's output. */
        output: z.string(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/profiles/{name}/test' },
    cli: {
      verb: 'profiles test',
      args: [{ name: 'NAME', field: 'name' }],
      flags: [{ flag: '--timeout', value: 'D', field: 'timeout_seconds', parse: 'duration' }],
      view: 'profile_test',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
