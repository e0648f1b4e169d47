import type { z } from 'zod'
import { elementOf, fieldKind } from './schema.ts'

const NUMBER_KINDS = new Set(['number', 'int'])
const NUMBER_PATTERN = /^-?\d+(?:\.\d+)?$/
const FLAG_WORDS: Record<string, boolean> = {
  '': true,
  '1': true,
  true: true,
  yes: true,
  '0': false,
  false: false,
  no: false,
}

/**
 * Parses one word of a URL by the schema of its field. A word that does not fit stays text, so that the schema refuses
 * it with the same message as for every door.
 */
function readWord(word: string, schema: z.ZodType): unknown {
  const { type } = fieldKind(schema)
  if (NUMBER_KINDS.has(type)) return NUMBER_PATTERN.test(word) ? Number(word) : word
  if (type === 'boolean') return FLAG_WORDS[word.toLowerCase()] ?? word
  return word
}

/** A list comes as `status=a&status=b` or as `status=a,b`. */
function readField(words: readonly string[], schema: z.ZodType): unknown {
  const element = elementOf(fieldKind(schema))
  if (element === null) return readWord(words.at(-1) ?? '', schema)
  return words
    .flatMap((word) => word.split(','))
    .filter((word) => word !== '')
    .map((word) => readWord(word, element))
}

/**
 * @param params the query of a URL, or the variable parts of its path
 * @param shape the fields of the operation's input
 * @returns the fields in the URL, including unknown ones as text, so that a misspelt one is refused instead of ignored
 */
export function readUrlFields(
  params: URLSearchParams,
  shape: Record<string, z.ZodType>,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const name of new Set(params.keys())) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
    const words = params.getAll(name)
    // An empty number (`?limit=`) counts as absent; an empty switch counts as set.
    const isEmpty = schema !== undefined && words.every((word) => word === '')
    if (isEmpty && NUMBER_KINDS.has(fieldKind(schema).type)) continue
    fields[name] = schema === undefined ? words.at(-1) : readField(words, schema)
  }
  return fields
}
