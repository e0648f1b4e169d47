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

export function sum(parts: readonly Json[], key: string): number {
  return parts.reduce((total, part) => total + (numberOrNull(part[key]) ?? 0), 0)
}

/** @returns the object that a line holds; null for any other line, also one that only begins like an object */
export function parseObject(line: string): Json | null {
  if (!line.startsWith('{')) return null
  try {
    return object(JSON.parse(line))
  } catch {
    return null
  }
}
