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

/** What a worker asks permission for, beside the diff of the question. */
export interface Wanted {
  command: string | null
  /** The other fields of the input, as JSON; null if there are none. */
  rest: string | null
}

/** @returns the input of a permission without what its diff shows; the command always */
export function wantedOf({ kind, input, diff }: Pick<Question, 'kind' | 'input' | 'diff'>): Wanted {
  if (kind !== 'permission' || input === null) return { command: null, rest: null }
  const inner = inputOf(input)
  if (Object.keys(inner).length === 0) {
    const { rule: _rule, ...bare } = input
    return { command: null, rest: JSON.stringify(bare, null, 2) }
  }
  const { input: _inner, tool_name: _name, rule: _rule, ...beside } = input
  const { command, ...fields } = { ...beside, ...inner }
  const isText = typeof command === 'string'
  const all = Object.entries(isText ? fields : { command, ...fields })
  const rest = Object.fromEntries(all.flatMap(([name, value]) => notIn(diff, name, value)))
  return {
    command: isText ? command : null,
    rest: Object.keys(rest).length === 0 ? null : JSON.stringify(rest, null, 2),
  }
}

/** The fields that a diff shows, and the sign before their lines in it. */
const IN_DIFF: Record<string, string> = { old_string: '-', new_string: '+', content: '+', file_path: '+++ ' }

/** @returns the field, without what the diff shows in full; nothing if that is all */
function notIn(diff: string | null, name: string, value: unknown): [string, unknown][] {
  if (value === undefined || (diff !== null && isShown(diff, name, value))) return []
  if (diff === null || !['edits', 'changes'].includes(name) || !Array.isArray(value)) return [[name, value]]
  const edits = value.map((edit: unknown) =>
    typeof edit === 'object' && edit !== null
      ? Object.fromEntries(Object.entries(edit).filter(([key, one]) => !isShown(diff, key, one)))
      : edit,
  )
  return edits.every((edit) => JSON.stringify(edit) === '{}') ? [] : [[name, edits]]
}

/** The worker may have made the diff itself, so only a text that is in it counts as shown. */
function isShown(diff: string, name: string, value: unknown): boolean {
  const sign = IN_DIFF[name]
  if (sign === undefined || typeof value !== 'string') return false
  const lines = value.split('\n').map((line) => `${sign}${line}`)
  return value === '' || `\n${diff}\n`.includes(`\n${lines.join('\n')}\n`)
}

export interface DiffLine {
  kind: 'added' | 'removed' | 'head' | 'context'
  sign: string
  text: string
}

/** @param diff a unified diff */
export function diffLines(diff: string): DiffLine[] {
  return diff.split('\n').map((line): DiffLine => {
    if (/^(@@|\+\+\+ |--- |\\ )/.test(line)) return { kind: 'head', sign: '', text: line }
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
