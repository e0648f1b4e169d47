import type { Question } from '../../contract/index.ts'
import { object } from '../../formats/json.ts'

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

/** What a worker asks permission for, beside the diff of the question. */
export interface Wanted {
  command: string | null
  /** The other fields of the input, as JSON; null if there are none. */
  rest: string | null
}

/** @returns the input of a permission without what its diff shows; the command always */
export function wantedOf(question: Pick<Question, 'kind' | 'options' | 'input' | 'diff'>): Wanted {
  const { kind, input, diff } = question
  if (kind !== 'permission' || input === null) return { command: null, rest: null }
  const inner = object(input['input'])
  if (Object.keys(inner).length === 0) return { command: null, rest: JSON.stringify(input, null, 2) }
  const { input: _inner, tool_name: _name, rule, ...beside } = input
  // The rule has a line of its own.
  const more = ruleOf(question) === null && rule !== undefined ? { rule, ...beside } : beside
  const { command, ...fields } = { ...more, ...inner }
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
  if (diff === null || name !== 'edits' || !Array.isArray(value)) return [[name, value]]
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

export interface PatchLine {
  kind: 'added' | 'removed' | 'head' | 'context'
  sign: string
  text: string
}

/** @param diff a unified diff */
export function patchLines(diff: string): PatchLine[] {
  return diff.split('\n').map((line): PatchLine => {
    if (/^(@@|\+\+\+ |--- |\\ )/.test(line)) return { kind: 'head', sign: '', text: line }
    if (line.startsWith('+')) return { kind: 'added', sign: '+', text: line.slice(1) }
    if (line.startsWith('-')) return { kind: 'removed', sign: '−', text: line.slice(1) }
    return { kind: 'context', sign: '', text: line.startsWith(' ') ? line.slice(1) : line }
  })
}
