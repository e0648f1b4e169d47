import type { Schema } from './schema-check.ts'

/** Made-up values that fit a JSON Schema well enough to walk through a workflow by hand. */

const DEEPEST = 6

/**
 * @returns a value of the type that the schema names: the first choice, one item of a list, the properties that an
 * object must have */
export function sampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > DEEPEST) return 'example'
  const { default: usual, enum: choices, items, minimum, properties, required, type } = schema as Schema
  if (usual !== undefined) return usual
  if ((schema as Schema)['const'] !== undefined) return (schema as Schema)['const']
  if (Array.isArray(choices) && choices.length > 0) return choices[0]
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return Object.fromEntries(
        Object.entries((properties ?? {}) as Schema)
          .filter(([name]) => !Array.isArray(required) || required.includes(name))
          .map(([name, one]) => [name, sampleOf(one, depth + 1)]),
      )
    case 'array':
      return [sampleOf(items, depth + 1)]
    case 'integer':
    case 'number':
      return typeof minimum === 'number' ? minimum : 1
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return 'example'
  }
}
