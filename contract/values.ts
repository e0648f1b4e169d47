import { CHECK_PROFILE, MERGE_PROFILE } from './workflow-kinds.ts'
import { z } from 'zod'
import { lazily } from './lazily.ts'
import { readDuration } from '../formats/time.ts'
import { OperationError } from './errors.ts'
import { LATEST_TIME, parseDate } from './times.ts'

/** The longest texts, in characters. A longer text is refused, never cut. */
export const TEXT_LIMITS = {
  title: 500,
  body: 1_000_000,
  comment: 200_000,
  summary: 200_000,
  note: 20_000,
  name: 100,
  /** For a run's error fingerprint, which finds similar errors. */
  fingerprint: 160,
  metadata: 1_000_000,
} as const

/** Files of a task. */
export const ATTACHMENT_LIMITS = { bytes: 20 * 1024 * 1024, perTask: 50 } as const

const SLUG_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/
/** Half of a surrogate pair: such text cannot be written as UTF-8. */
const LONE_SURROGATE = /[\ud800-\udfff]/u

/** A visible character: a title made only of joiners and zero-width spaces would look empty on its card. */
const SEEN = /[^\s\p{Default_Ignorable_Code_Point}\p{Cf}]/u

/**
 * Control characters that do not belong in text. A worker's long text may contain the escapes of coloured output; a
 * name may not.
 */
function holdsControlCharacter(value: string, allowEscapes: boolean): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code >= 32 && code !== 127) continue
    if (code === 9 || code === 10 || code === 13) continue
    if (allowEscapes && (code === 27 || code === 8 || code === 12)) continue
    return true
  }
  return false
}

/** @returns the message for a value of another type, or for a missing one */
function mustBe(what: string, kind: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => (input === undefined ? `${what} is missing` : `${what} must be ${kind}`)
}

/**
 * @param field the text's name in error messages
 * @param limit the most characters it may have
 * @returns a schema for text that may be empty and has no control characters except tab and line breaks
 */
export function text(field: string, limit: number) {
  // All checks in one call: each call copies the schema.
  return z.string({ error: mustBe(field, 'text') }).check(
    // Built lazily: the first formatted number makes Node load all its locale data.
    z.maxLength(limit, {
      error: () => `${field} may have at most ${limit.toLocaleString('en-US')} characters`,
    }),
    z.refine((value: string) => !holdsControlCharacter(value, limit > TEXT_LIMITS.title), {
      error: `${field} holds control characters, which are not accepted`,
    }),
    z.refine((value: string) => !LONE_SURROGATE.test(value), {
      error: `${field} is not well-formed Unicode`,
    }),
  )
}

/** As `text`, but trimmed, and refused when no visible character is left. */
export function requiredText(field: string, limit: number) {
  return text(field, limit)
    .transform((value) => value.trim())
    .refine((value) => SEEN.test(value), { error: `${field} is blank` })
}

/** For edits: absent leaves the field unchanged, null or blank clears it. */
export function editableText(field: string, limit: number) {
  return text(field, limit)
    .nullable()
    .transform((value) => blankToNull(value))
    .optional()
}

/** As `text`, but blank counts as absent and becomes null. */
export function optionalText(field: string, limit: number) {
  return text(field, limit)
    .nullish()
    .transform((value) => blankToNull(value))
}

/**
 * For values that become a separate argument of a command, which must not be read as options.
 *
 * @param field the value's name in error messages
 */
export function notAnOption(field: string): [(value: string | null | undefined) => boolean, string] {
  return [(value) => value?.startsWith('-') !== true, `${field} must not begin with a dash`]
}

/** @returns the trimmed text, or null when it is absent or has no visible character */
export function blankToNull(value: string | null | undefined): string | null {
  const trimmed = value?.trim() ?? ''
  return SEEN.test(trimmed) ? trimmed : null
}

/** @returns whether a text names a workspace: `scratch`, `dir:PATH`, `worktree`, `worktree:PATH` or `parent` */
export function isWorkspace(value: string): boolean {
  return /^(scratch|worktree|parent|(dir|worktree):.+)$/s.test(value.trim())
}

/** The id of a task: `t_` and eight hexadecimal digits. */
export const taskId = lazily(() =>
  z
    .string({ error: mustBe('a task id', 'text') })
    .max(200, { error: 'this is not a task id' })
    .refine((value) => !holdsControlCharacter(value, false), { error: 'this is not a task id' })
    .transform((value) => value.trim())
    .refine((value) => value !== '', { error: 'the task id is blank' }),
)

/** The slug of a board: upper case is converted to lower case, anything else that does not fit is refused. */
export const slug = lazily(() =>
  z
    .string({ error: mustBe('a board slug', 'text') })
    .transform((value) => value.trim().toLowerCase())
    .refine((value) => SLUG_PATTERN.test(value), {
      error:
        'a board slug has 1 to 64 characters out of a-z, 0-9, _ and -, and starts with a letter or a digit',
    }),
)

/** The name of a profile; also the value of a task's assignee. */
export const profileName = lazily(() =>
  z
    .string({ error: mustBe('a profile name', 'text') })
    .transform((value) => value.trim().toLowerCase())
    .refine((value) => SLUG_PATTERN.test(value), {
      error:
        'a profile name has 1 to 64 characters out of a-z, 0-9, _ and -, and starts with a letter or a digit',
    }),
)

/** For filters: a profile name, or one of Runboard's own profiles for checks and merges. */
export const anyProfileName = lazily(() => z.union([z.enum([CHECK_PROFILE, MERGE_PROFILE]), profileName()]))

/** The id of a run: a whole number from 1. */
export const runId = lazily(() =>
  z
    .int({ error: 'a run id must be a whole number' })
    .min(1, { error: 'a run id must be a whole number from 1' }),
)

/** A point in time, in milliseconds since the epoch. */
export const timestamp = lazily(() =>
  z
    .int({ error: 'a time must be a whole number of milliseconds since the epoch' })
    .min(0, { error: 'a time before 1970 is not accepted' })
    .max(LATEST_TIME, { error: 'a time after the year 9999 is not accepted' }),
)

/** A duration in whole seconds, at most ten years. */
export const seconds = lazily(() =>
  z
    .int({ error: 'a duration must be a whole number of seconds' })
    .min(1, { error: 'a duration must be at least one second' })
    .max(315_360_000, { error: 'a duration must be at most ten years' }),
)

export const priority = lazily(() =>
  z
    .int({ error: 'priority must be a whole number' })
    .min(-1_000_000, { error: 'priority must be at least -1000000' })
    .max(1_000_000, { error: 'priority must be at most 1000000' }),
)

/** How deep objects and lists may be nested in an input. Far more than any handoff needs. */
export const MAX_NESTING = 200

/**
 * Schemas, and all code that walks a value, recurse once per level: endless nesting would overflow the stack.
 *
 * @returns whether a value is nested deeper than an input may be
 */
export function isNestedTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth++) {
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? (Object.values(one) as unknown[]) : [],
    )
    if (depth > MAX_NESTING) return true
  }
  return false
}

/** Any JSON object; refused when it is an array, a scalar, or too large. */
export const jsonObject = lazily(() => jsonObjectNamed('metadata'))

/** @param field the value's name in error messages */
export function jsonObjectNamed(field: string) {
  return z
    .record(z.string(), z.json(), { error: `${field} must be a JSON object` })
    .refine(isShortJson, { error: `${field} may have at most one million characters as JSON` })
}

/** Any JSON list; refused when it is too large. */
export function jsonListNamed(field: string) {
  return z
    .array(z.json(), { error: `${field} must be a JSON list` })
    .refine(isShortJson, { error: `${field} may have at most one million characters as JSON` })
}

function isShortJson(value: unknown): boolean {
  return JSON.stringify(value).length <= TEXT_LIMITS.metadata
}

/**
 * @param value `90`, `30m`, `2 h`, `1h30m`, `1d`, `1.5h`
 * @returns whole seconds, rounded up
 * @throws OperationError INVALID_INPUT for anything else
 */
export function parseDuration(value: string): number {
  const length = readDuration(value)
  if (length === null) {
    throw new OperationError(
      'INVALID_INPUT',
      `“${value}” is not a duration: give seconds, or a length such as 90s, 30m, 1h30m or 2d.`,
    )
  }
  return length
}

/**
 * @param value ISO 8601 (local time without an offset; a date alone is the start of that day), or `+2h` from now
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch
 * @throws OperationError INVALID_INPUT for anything else, including days that do not exist
 */
export function parseWhen(value: string, now: number): number {
  const trimmed = value.trim()
  const at = trimmed.startsWith('+') ? now + parseDuration(trimmed.slice(1)) * 1000 : parseDate(trimmed)
  if (at === null || !timestamp().safeParse(at).success) {
    throw new OperationError(
      'INVALID_INPUT',
      `“${value}” is not a time: give ISO 8601 (2026-12-24T08:00), or +2h for two hours from now.`,
    )
  }
  return at
}
