import { z } from 'zod'
import { errorBody, type OperationSpec } from '../../contract/index.ts'
import { isObject } from '../../formats/json.ts'

/** A JSON Schema that describes a tool. */
export type JsonSchema = Record<string, unknown>

/** Added to a field's description when its name alone does not show the notation of its value. */
const NOTATIONS: readonly [suffix: string, notation: string][] = [
  ['_at', 'milliseconds since the epoch; ISO 8601 and +2h are understood too'],
  ['_seconds', 'seconds'],
  ['workspace', 'scratch, dir:PATH, worktree or worktree:PATH, with absolute paths'],
]

/** Keywords that are useless to a caller: bounds of every integer, names of keys, where definitions were. */
const NOISE = ['$schema', '$defs', '$id', 'id', 'propertyNames']

function isNull(schema: unknown): boolean {
  return isObject(schema) && schema['type'] === 'null'
}

/** @returns the name of the definition that a schema refers to; null for a schema without a reference */
function referenceOf({ $ref }: JsonSchema): string | null {
  return typeof $ref === 'string' ? ($ref.split('/').at(-1) ?? null) : null
}

/**
 * Resolves the references of one schema: clients differ in which of them they follow. A definition within itself, such as
 * the one of any JSON value, becomes a schema that accepts everything.
 */
function resolved(schema: JsonSchema, { definitions, within }: Plainness): JsonSchema {
  const name = referenceOf(schema)
  if (name === null) return schema
  const target = within.includes(name) ? {} : definitions[name]
  return isObject(target) ? { ...target, ...schema, $ref: undefined } : schema
}

/** Removes `null` alternatives: omitting the field means the same, and models write plain types more reliably. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const { anyOf, type, ...rest } = schema
  if (Array.isArray(anyOf) && anyOf.some(isNull)) {
    const others = anyOf.filter((option) => !isNull(option)) as JsonSchema[]
    return others.length === 1 ? { ...others[0], ...rest } : { ...rest, anyOf: others }
  }
  if (Array.isArray(type) && type.includes('null')) {
    const others = type.filter((name) => name !== 'null') as string[]
    return { type: others.length === 1 ? others[0] : others, ...rest }
  }
  return schema
}

/** Gives each alternative one type: not every client reads a list of types. */
function splitTypes(schema: JsonSchema): JsonSchema {
  const { type, ...rest } = schema
  if (!Array.isArray(type)) return schema
  return { ...rest, anyOf: type.map((one: unknown) => ({ type: one })) }
}

interface Plainness {
  definitions: JsonSchema
  io: 'input' | 'output'
  /** The definitions that the schema is part of. */
  within: readonly string[]
}

function plainFields(fields: JsonSchema, how: Plainness): JsonSchema {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, isObject(field) ? plain(field, how) : field]),
  )
}

function plainValue(key: string, value: unknown, how: Plainness): unknown {
  if (key === 'properties' && isObject(value)) return plainFields(value, how)
  if (key === 'items' && isObject(value)) return plain(value, how)
  if (key === 'anyOf' && Array.isArray(value)) {
    return (value as unknown[]).map((option) => (isObject(option) ? plain(option, how) : option))
  }
  return value
}

/** The schema in the form that clients read best: self-contained, without what only our own validator needs. */
function plain(given: JsonSchema, outer: Plainness): JsonSchema {
  const name = referenceOf(given)
  const how = name === null ? outer : { ...outer, within: [...outer.within, name] }
  const direct = resolved(given, outer)
  const schema = how.io === 'input' ? withoutNull(direct) : direct
  const isMap = isObject(schema['additionalProperties'])
  // Our answers may gain fields; a client that validates against an old list should not fail then.
  const open = isMap || how.io === 'output'
  const entries = Object.entries(schema).filter(([key, value]) => {
    if (value === undefined || NOISE.includes(key)) return false
    if (open && (key === 'additionalProperties' || key === 'required')) return false
    const isBound = key === 'minimum' || key === 'maximum'
    return !(isBound && typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER)
  })
  return splitTypes(Object.fromEntries(entries.map(([key, value]) => [key, plainValue(key, value, how)])))
}

function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const made = z.toJSONSchema(schema, { io }) as JsonSchema
  return plain(made, { definitions: (made['$defs'] ?? {}) as JsonSchema, io, within: [] })
}

function withNotation(name: string, field: JsonSchema): JsonSchema {
  const notation = NOTATIONS.find(([suffix]) => name.endsWith(suffix))?.[1]
  if (notation === undefined) return field
  const said = typeof field['description'] === 'string' ? `${field['description']}; ` : ''
  return { ...field, description: `${said}${notation}` }
}

/**
 * @param defaults values that this server fills in for omitted fields
 * @returns the tool's input schema
 */
export function toolInputSchema(
  spec: OperationSpec,
  defaults: Readonly<Record<string, unknown>>,
): JsonSchema {
  const schema = jsonSchemaOf(spec.input, 'input')
  const fields = Object.entries(schema['properties'] as Record<string, JsonSchema>)
  const required = ((schema['required'] ?? []) as string[]).filter((name) => !(name in defaults))
  const { required: _all, ...rest } = schema
  const properties = fields.map(([name, field]): [string, JsonSchema] => [
    name,
    name in defaults ? { ...field, default: defaults[name] } : withNotation(name, field),
  ])
  return {
    ...rest,
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
  }
}

const ERROR_FIELD = (jsonSchemaOf(errorBody(), 'output')['properties'] as JsonSchema)['error']

/** @returns the tool's output schema: the operation's output, or the error. Some clients validate both. */
export function toolOutputSchema(spec: OperationSpec): JsonSchema {
  const { properties, ...rest } = jsonSchemaOf(spec.output, 'output')
  return { ...rest, properties: { ...(properties as JsonSchema), error: ERROR_FIELD } }
}
