import { z } from 'zod'

/**
 * The columns of rows as callers get them. Property names are the column names; absent values are null, never missing; `*_at` are
 * milliseconds since the epoch.
 */

export const at = z.int()
export const maybeAt = at.nullable()
export const maybeText = z.string().nullable()
export const object = z.record(z.string(), z.json())
