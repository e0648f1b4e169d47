import type { z } from 'zod'

/** What doors that read text need to know about a field's schema: the type inside its wrappers. */
export interface FieldKind {
  type: string
  nullable: boolean
  schema: z.ZodType
}

/** zod's wrappers by name, and the property that holds the inner schema. */
const WRAPPERS: Record<string, 'innerType' | 'in'> = {
  optional: 'innerType',
  nullable: 'innerType',
  default: 'innerType',
  prefault: 'innerType',
  readonly: 'innerType',
  pipe: 'in',
}

/** @returns the schema without optional, nullable, default and transforms, and whether it accepts null */
export function fieldKind(schema: z.ZodType): FieldKind {
  let inner = schema
  let nullable = false
  for (;;) {
    const def = inner.def as { type: string; innerType?: z.ZodType; in?: z.ZodType }
    const key = WRAPPERS[def.type]
    const wrapped = key === undefined ? undefined : def[key]
    if (wrapped === undefined) return { type: def.type, nullable, schema: inner }
    if (def.type === 'nullable') nullable = true
    inner = wrapped
  }
}

/** @returns the fields of an object schema by name, or null for any other schema */
export function fieldsOf(kind: FieldKind): Record<string, z.ZodType> | null {
  return kind.type === 'object' ? (kind.schema as z.ZodObject<Record<string, z.ZodType>>).shape : null
}

/** @returns the schema of an array's elements, or null for any other schema */
export function elementOf(kind: FieldKind): z.ZodType | null {
  return kind.type === 'array' ? (kind.schema as z.ZodArray<z.ZodType>).element : null
}

/** @returns the values of an enum, for help and completion, or [] */
export function choicesOf(schema: z.ZodType | undefined): string[] {
  if (schema === undefined) return []
  const kind = fieldKind(schema)
  const element = elementOf(kind)
  if (element !== null) return choicesOf(element)
  return kind.type === 'enum' ? (kind.schema as z.ZodEnum).options.map(String) : []
}
