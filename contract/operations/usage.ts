import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { boardField } from './shared.ts'

/** The usage of a board: runs, success, tokens and cost. */

const USAGE_KEYS = ['day', 'profile', 'label', 'workflow'] as const
export type UsageKey = (typeof USAGE_KEYS)[number]

const MOST_DAYS = 366

/** Whether Intl knows the time zone: `Europe/Berlin`, `UTC`. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // Intl throws a RangeError for an unknown zone
  }
}

const tokens = lazily(() => z.int().nullable())

export const usageRow = lazily(() =>
  z
    .object({
      /** A day as `2026-12-24`, or the name of a profile, label or workflow; null for runs and tasks without one. */
      key: z.string().nullable(),
      /** Runs that ended. Results that were recorded without a worker are not counted. */
      runs: z.int(),
      /** Completed, or handed over for review. */
      succeeded: z.int(),
      /** Failed, in any way. The other runs were stopped, blocked, rate limited, or ended without a report. */
      failed: z.int(),
      /** `succeeded` divided by `succeeded` and `failed` together; null when both are 0. */
      success_rate: z.number().nullable(),
      tasks_done: z.int(),
      /** From the first start of a task until it was done, by nearest rank. */
      done_ms_p50: z.int().nullable(),
      done_ms_p90: z.int().nullable(),
      /** Tokens of the runs that reported them; null when none did. */
      input_tokens: tokens(),
      cached_input_tokens: tokens(),
      output_tokens: tokens(),
      cost_usd: z.number().nullable(),
      /** Runs whose cost is unknown, and so is missing in `cost_usd`. */
      runs_without_cost: z.int(),
      runs_without_tokens: z.int(),
    })
    .meta({ id: 'UsageRow' }),
)
export type UsageRow = z.infer<ReturnType<typeof usageRow>>

const usage = lazily(() =>
  z.object({
    by: z.enum(USAGE_KEYS),
    time_zone: z.string(),
    since: z.int(),
    until: z.int(),
    /** All rows together. A run with two labels is in two rows, but counts once here. */
    total: usageRow(),
    /** By day: every day, oldest first. Otherwise: the most runs first. */
    rows: z.array(usageRow()),
  }),
)
export type Usage = z.infer<ReturnType<typeof usage>>

export const usageOperations = declareOperations({
  'usage.show': {
    summary: 'Show runs, success, time to done, tokens and cost by day, profile, label or workflow',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        days: z
          .int({ error: 'days must be a whole number' })
          .min(1, { error: 'days must be at least 1' })
          .max(MOST_DAYS, { error: `days must be at most ${MOST_DAYS}` })
          .default(30)
          .describe('How many days, including today'),
        by: z.enum(USAGE_KEYS, { error: `by must be one of ${USAGE_KEYS.join(', ')}` }).default('day'),
        time_zone: z
          .string({ error: 'time_zone must be text' })
          .refine(isTimeZone, { error: 'time_zone must be a name such as Europe/Berlin or UTC' })
          .optional()
          .describe('The time zone in which days begin; if not given, that of the machine that answers'),
      }),
    output: usage,
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/usage' },
    cli: {
      verb: 'usage',
      flags: [
        { flag: '--days', value: 'N', field: 'days', parse: 'int' },
        { flag: '--by', value: USAGE_KEYS.join('|'), field: 'by' },
        { flag: '--time-zone', value: 'ZONE', field: 'time_zone' },
      ],
      view: 'usage',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
