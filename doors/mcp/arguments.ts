import type { z } from 'zod'
import { parseDuration, parseWhen } from '../../contract/index.ts'
import { isObject } from '../../formats/json.ts'
import { elementOf, fieldKind } from '../shared/schema.ts'

type Shape = Record<string, z.ZodType>

const NUMBER_PATTERN = /^-?\d+(?:\.\d+)?$/
const SWITCH_WORDS: Record<string, boolean> = { true: true, false: false }

/** @returns the parsed JSON, or undefined if the text is not JSON */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function readNumber(name: string, text: string, now: number): unknown {
  if (NUMBER_PATTERN.test(text)) return Number(text)
  if (name.endsWith('_at')) return parseWhen(text, now)
  if (name.endsWith('_seconds')) return parseDuration(text)
  return text
}

/** Elements of the lists that tools take (ids, names, statuses) contain no comma and start with no bracket. */
function readList(text: string): unknown {
  const parsed = text.startsWith('[') ? asJson(text) : undefined
  if (Array.isArray(parsed)) return parsed
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function readObject(text: string): unknown {
  const parsed = asJson(text)
  return isObject(parsed) ? parsed : text
}

function readText(name: string, text: string, schema: z.ZodType, now: number): unknown {
  const kind = fieldKind(schema)
  const trimmed = text.trim()
  if (elementOf(kind) !== null) return readList(trimmed)
  switch (kind.type) {
    case 'boolean':
      return SWITCH_WORDS[trimmed.toLowerCase()] ?? text
    case 'number':
    case 'int':
      return readNumber(name, trimmed, now)
    case 'record':
      return readObject(trimmed)
    default:
      return text
  }
}

/**
 * Models are careless with types: they send "true", "3", JSON in a string, a bare word for a list of one, null for an
 * omitted field. Coerces unambiguous values. Anything else stays unchanged, and the kernel refuses it with the same
 * message as for every door.
 *
 * @param shape the fields of the operation's input
 * @param now milliseconds since the epoch, for times like `+2h`
 * @throws OperationError INVALID_INPUT for an invalid time or duration
 */
export function readArguments(
  given: Readonly<Record<string, unknown>>,
  shape: Shape,
  now: number,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (value === null && schema !== undefined) continue
    fields[name] =
      typeof value === 'string' && schema !== undefined ? readText(name, value, schema, now) : value
  }
  return fields
}
