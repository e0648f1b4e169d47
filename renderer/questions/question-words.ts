import type { Question } from '../../contract/index.ts'

/** The texts of a question. They come from a worker, so they are shown as text, never as markup. */

const PERMISSION_LABELS: Record<string, string> = {
  allow: 'Allow once',
  always: 'Always allow',
  deny: 'Deny',
}

export function optionLabel({ kind }: Pick<Question, 'kind'>, option: string): string {
  return (kind === 'permission' ? PERMISSION_LABELS[option] : undefined) ?? option
}

/** @returns the rule that “Always allow” adds, as the kernel says it; null for a question without that option */
export function ruleOf({
  kind,
  options,
  input,
}: Pick<Question, 'kind' | 'options' | 'input'>): string | null {
  const rule = input?.['rule']
  if (kind !== 'permission' || !options.includes('always') || typeof rule !== 'string') return null
  return `“Always allow” adds a rule to the profile: ${rule}. Settings show it and can remove it.`
}

function inputOf(input: Question['input']): Record<string, unknown> {
  const inner = input?.['input']
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {}
}

/** @returns the command, or the input of the tool as JSON; null for a question that is not for a permission */
export function wantedText({ kind, input }: Pick<Question, 'kind' | 'input'>): string | null {
  if (kind !== 'permission' || input === null) return null
  const inner = inputOf(input)
  if (typeof inner['command'] === 'string') return inner['command']
  return JSON.stringify(Object.keys(inner).length === 0 ? input : inner, null, 2)
}

export interface DiffLine {
  kind: 'added' | 'removed' | 'head' | 'context'
  sign: string
  text: string
}

/** @param diff a unified diff */
export function diffLines(diff: string): DiffLine[] {
  return diff.split('\n').map((line): DiffLine => {
    if (/^(@@|\+\+\+ |--- )/.test(line)) return { kind: 'head', sign: '', text: line }
    if (line.startsWith('+')) return { kind: 'added', sign: '+', text: line.slice(1) }
    if (line.startsWith('-')) return { kind: 'removed', sign: '−', text: line.slice(1) }
    return { kind: 'context', sign: '', text: line.startsWith(' ') ? line.slice(1) : line }
  })
}

/** @returns a JSON object with every property of the schema, for a person to fill in */
export function blankForm({ input }: Pick<Question, 'input'>): string {
  const properties = input?.['properties']
  if (typeof properties !== 'object' || properties === null) return '{}'
  const fields = Object.entries(properties).map(([name, schema]) => [name, blankOf(schema)])
  return JSON.stringify(Object.fromEntries(fields), null, 2)
}

const BLANKS: Record<string, unknown> = {
  string: '',
  number: 0,
  integer: 0,
  boolean: false,
  array: [],
  object: {},
}

function blankOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return null
  const { default: given, enum: choices, type } = schema as Record<string, unknown>
  if (given !== undefined) return given
  if (Array.isArray(choices)) return choices[0] as unknown
  return typeof type === 'string' ? (BLANKS[type] ?? null) : null
}

/** @returns the form, or why the text is not a form */
export function parseForm(text: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}.`
  }
  return 'The form must be a JSON object.'
}
