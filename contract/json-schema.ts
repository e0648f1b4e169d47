import { z } from 'zod'

/**
 * Checks values against a JSON Schema that a workflow states for the metadata of a report.
 *
 * @param schema a JSON Schema of draft 2020-12, or an older one without features that zod cannot convert
 * @throws Error when the schema itself is not usable; its message says why
 */
export function jsonSchemaChecker(schema: Record<string, unknown>): (value: unknown) => string[] {
  const type = z.fromJSONSchema(schema)
  return (value) => {
    const parsed = type.safeParse(value)
    if (parsed.success) return []
    return parsed.error.issues.map(({ message, path }) =>
      path.length === 0 ? message : `${path.join('.')}: ${message}`,
    )
  }
}
