/** A JSON object with unknown fields. */
export type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns the value if it is a JSON object, else an empty object */
export function object(value: unknown): Json {
  return isObject(value) ? value : {}
}

/** @returns the objects of a list; an empty list if the value is not a list */
export function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : []
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** @returns the value if it is a string that is not blank */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

/** @returns any value as text. `String` would call a `toString` that the worker supplied. */
export function word(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value) ?? ''
}

export function sum(parts: readonly Json[], key: string): number {
  return parts.reduce((total, part) => total + (numberOrNull(part[key]) ?? 0), 0)
}

/** No real event is this deep. A deeper one can be parsed, but `JSON.stringify` would overflow the stack. */
const DEEPEST = 500

/**
 * @returns the object in a line; null for any other line, including one that only looks like an object at its start or
 *   is nested too deep
 */
export function parseObject(line: string): Json | null {
  if (!line.startsWith('{') || isDeep(line)) return null
  try {
    return object(JSON.parse(line))
  } catch {
    return null
  }
}

/** Whether objects and lists are nested deeper than `DEEPEST` in a JSON text. */
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
