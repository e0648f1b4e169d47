import { z } from 'zod'
import { lazily } from './lazily.ts'

/**
 * The columns of rows as callers get them. Property names are the column names; absent values are null, never missing; `*_at` are
 * milliseconds since the epoch.
 */

export const at = lazily(() => z.int())
export const maybeAt = lazily(() => at().nullable())
export const maybeText = lazily(() => z.string().nullable())
export const object = lazily(() => z.record(z.string(), z.json()))
