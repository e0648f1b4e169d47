import { z } from 'zod'

/** One place where a value does not match a schema. */
export interface SchemaProblem {
  path: (string | number)[]
  /** Words to follow the name of the place, such as “is missing”. */
  message: string
}

/**
 * Checks values against a JSON Schema of a workflow: the schema of a report's metadata, or of a form that a person fills in.
 *
 * @param schema a JSON Schema of draft 2020-12, or an older one without features that zod cannot convert
 * @throws Error when the schema itself is not usable; its message says why
 */
export function jsonSchemaChecker(schema: Record<string, unknown>): (value: unknown) => SchemaProblem[] {
  const type = z.fromJSONSchema(schema)
  return (value) => {
    const parsed = type.safeParse(value)
    if (parsed.success) return []
    return parsed.error.issues.map(({ message, path }) => ({
      path: path.map((part) => (typeof part === 'number' ? part : String(part))),
      message,
    }))
  }
}

/** @returns the problem as text, after the path of its value */
export function problemText({ message, path }: SchemaProblem): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
