/** A JSON object of which nothing is known yet. */
export type Json = Record<string, unknown>

/** @returns the value where it is a JSON object, else an empty one */
export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

/** @returns the objects of a list; none where the value is no list */
export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : []
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** @returns the value where it is a text with something to read in it */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

/** @returns any value as text; `String` would call what a worker has written as its `toString` */
export function word(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value) ?? ''
}

export function sum(parts: readonly Json[], key: string): number {
  return parts.reduce((total, part) => total + (numberOrNull(part[key]) ?? 0), 0)
}

/** No event is as deep; what is deeper can be parsed, but not be written again: the stack does not reach. */
const DEEPEST = 500

/**
 * @returns the object that a line holds; null for any other line, also one that only begins like an object, or is deeper
 *   than anything that a tool would write
 */
export function parseObject(line: string): Json | null {
  if (!line.startsWith('{') || isDeep(line)) return null
  try {
    return object(JSON.parse(line))
  } catch {
    return null
  }
}

/** Whether the objects and lists of a JSON text lie deeper within each other than `DEEPEST`. */
function isDeep(text: string): boolean {
  if (text.length < DEEPEST) return false
  let depth = 0
  let isText = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (isText && char === '\\') at++
    else if (char === '"') isText = !isText
    else if (isText) continue
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
    if (depth > DEEPEST) return true
  }
  return false
}
