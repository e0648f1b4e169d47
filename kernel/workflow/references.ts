/** A value that `{{…}}`, `show` and the conditions of a decision may refer to. */
export type Reference =
  | { of: 'input'; name: string }
  /** The item of a map step, or a field of it. */
  | { of: 'item'; path: string[] }
  | { of: 'step'; key: string; field: 'verdict' | 'summary' | 'metadata'; path: string[] }

/** The values that references are read from. */
export interface Values {
  inputs: Record<string, unknown>
  /** The latest valid visit of a step, or undefined. */
  step: (key: string) => StepValues | undefined
  /** The item of a map step; undefined in every other place. */
  item?: unknown
}

export interface StepValues {
  verdict: string | null
  summary: string | null
  metadata: Record<string, unknown> | null
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/

/**
 * @param text such as `inputs.goal`, `steps.plan.metadata.risks`, `steps.review.verdict`, `item.title`
 * @returns null for anything else
 */
export function parseReference(text: string): Reference | null {
  const [root, first, field, ...path] = text.trim().split('.')
  if (root === 'item') {
    const fields = text.trim().split('.').slice(1)
    return fields.every((name) => NAME.test(name)) ? { of: 'item', path: fields } : null
  }
  if (first === undefined || !NAME.test(first)) return null
  if (root === 'inputs') return field === undefined ? { of: 'input', name: first } : null
  if (root !== 'steps') return null
  if ((field === 'verdict' || field === 'summary') && path.length === 0)
    return { of: 'step', key: first, field, path }
  if (field !== 'metadata' || path.length === 0 || !path.every((part) => NAME.test(part))) return null
  return { of: 'step', key: first, field, path }
}

/** @returns the value, or undefined where there is none */
export function valueOf(reference: Reference, values: Values): unknown {
  if (reference.of === 'input')
    return Object.hasOwn(values.inputs, reference.name) ? values.inputs[reference.name] : undefined
  if (reference.of === 'item') return inside(values.item, reference.path)
  const step = values.step(reference.key)
  if (step === undefined) return undefined
  if (reference.field !== 'metadata') return step[reference.field] ?? undefined
  return inside(step.metadata, reference.path)
}

function inside(whole: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string, unknown>)[part]
        : undefined,
    whole,
  )
}

/** A piece of a text: literal text, or a reference to fill in. */
export type Piece = { text: string } | { reference: string }

/** Splits a text at its `{{…}}`. A `{{` that is not closed is text. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf('{{', at)
    const end = start === -1 ? -1 : text.indexOf('}}', start + 2)
    if (end === -1) return [...pieces, { text: text.slice(at) }]
    pieces.push({ text: text.slice(at, start) }, { reference: text.slice(start + 2, end).trim() })
    at = end + 2
  }
}

/**
 * Puts values into a text. Values are data: a `{{` inside of one stays as it is.
 *
 * @returns the text, and the references that have no value
 */
export function fillIn(text: string, values: Values): { text: string; missing: string[] } {
  const missing: string[] = []
  const filled = piecesOf(text).map((piece) => {
    if ('text' in piece) return piece.text
    const reference = parseReference(piece.reference)
    const value = reference === null ? undefined : valueOf(reference, values)
    if (value === undefined) missing.push(piece.reference)
    return formatValue(value)
  })
  return { text: filled.join(''), missing }
}

/** Formats a value for a text: a list of plain values as lines, anything deeper as JSON. */
export function formatValue(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const isFlat = Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null)
  if (isFlat) return value.map((item) => `\n- ${formatValue(item)}`).join('')
  return JSON.stringify(value, null, 2)
}

/** A text that is exactly one reference becomes the value itself, of any type. Other texts are filled in as text. */
export function valueIn(value: unknown, values: Values): unknown {
  if (typeof value !== 'string') return value
  const pieces = piecesOf(value.trim()).filter((piece) => !('text' in piece) || piece.text !== '')
  const [only] = pieces
  if (pieces.length !== 1 || only === undefined || 'text' in only) return fillIn(value, values).text
  const reference = parseReference(only.reference)
  return reference === null ? undefined : valueOf(reference, values)
}
