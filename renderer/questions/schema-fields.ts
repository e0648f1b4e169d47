/** Finds the form fields for a JSON Schema. A property that fits no kind of field is edited as JSON. */

import { object, type Json as Schema } from '../../formats/json.ts'

export type FieldKind =
  'text' | 'area' | 'number' | 'integer' | 'boolean' | 'choice' | 'texts' | 'list' | 'json'

export interface FieldSpec {
  name: string
  label: string
  hint: string | null
  required: boolean
  kind: FieldKind
  /** The values of a `choice`; empty for other kinds. */
  choices: readonly unknown[]
  /** The items of a `list`; null for other kinds. */
  item: ItemSpec | null
}

/** The items of a list: texts, objects with fields, or anything else as JSON. */
export interface ItemSpec {
  kind: 'text' | 'object' | 'json'
  fields: readonly FieldSpec[]
}

/** @returns a field for each property of an object’s schema, in the order of the file */
export function fieldsIn(schema: Schema, depth = 0): FieldSpec[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(object(schema['properties'])).flatMap(([name, property]) =>
    typeof property === 'object' && property !== null
      ? [fieldOf(name, property as Schema, required.includes(name), depth)]
      : [],
  )
}

function fieldOf(name: string, schema: Schema, required: boolean, depth: number): FieldSpec {
  const { description, enum: choices, items, title } = schema
  const kind = kindOf(schema, depth)
  return {
    name,
    label: typeof title === 'string' && title !== '' ? title : labelFromName(name),
    hint: typeof description === 'string' && description !== '' ? description : null,
    required,
    kind,
    choices: kind === 'choice' && Array.isArray(choices) ? choices : [],
    item: kind === 'list' ? itemSpec(items) : null,
  }
}

/** @returns `release_notes` as “Release notes” */
export function labelFromName(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim()
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** @param depth 0 for a field of the form, 1 for a field of an item. A list within an item has one text per line. */
function kindOf({ enum: choices, format, items, type }: Schema, depth: number): FieldKind {
  if (Array.isArray(choices) && choices.length > 0) return 'choice'
  switch (type) {
    case 'string':
      return format === 'textarea' ? 'area' : 'text'
    case 'number':
    case 'integer':
    case 'boolean':
      return type
    case 'array':
      if (depth === 0) return 'list'
      return object(items)['type'] === 'string' ? 'texts' : 'json'
    default:
      return 'json'
  }
}

/** @returns how the items of a list are edited */
export function itemSpec(items: unknown): ItemSpec {
  const schema = object(items)
  if (schema['type'] === 'string' && schema['enum'] === undefined) return { kind: 'text', fields: [] }
  const fields = schema['type'] === 'object' ? fieldsIn(schema, 1) : []
  return fields.length > 0 ? { kind: 'object', fields } : { kind: 'json', fields: [] }
}

/** The fields that name an item, the best name first. */
const NAMES = ['title', 'name', 'key', 'id', 'goal']

/** @returns the name of an item in one line; null for an empty item */
export function itemLine(value: unknown): string | null {
  return itemWords(value)[0] ?? null
}

/** @returns the texts of an item, each in one line: its name first */
export function itemWords(value: unknown): string[] {
  if (typeof value === 'string') return lineOf(value)
  if (typeof value !== 'object' || value === null) return value == null ? [] : [JSON.stringify(value)]
  const texts = Object.entries(value as Schema).filter(
    (field): field is [string, string] => typeof field[1] === 'string',
  )
  const named = NAMES.flatMap((name) => texts.filter(([own]) => own === name))
  return [...new Set([...named, ...texts].flatMap(([, text]) => lineOf(text)))]
}

function lineOf(text: string): string[] {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line === '' ? [] : [line]
}
