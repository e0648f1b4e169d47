import type { Printer } from './printer.ts'
import { indent, pad, visible, widthOf } from './text.ts'

/** A name and its value; null and empty values are left out. */
export type Field = readonly [name: string, value: string | null | undefined]

/** @returns one line per field, with aligned values; a value of several lines stands below its name */
export function fields(entries: readonly Field[], printer: Printer, by = 2): string {
  const shown = entries.filter((entry): entry is [string, string] => (entry[1] ?? '') !== '')
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)))
  return shown
    .map(([name, value]) => {
      if (value.includes('\n')) return `${printer.paint.dim(name)}\n${indent(value.trimEnd(), by)}\n`
      return `${printer.paint.dim(pad(name, width))}  ${value}\n`
    })
    .map((line) => indent(line, by))
    .join('')
}

/** @returns a heading with text below it; empty when there is no text */
export function section(title: string, text: string, { paint }: Printer): string {
  return text.trim() === '' ? '' : `\n${paint.bold(title)}\n${text.trimEnd()}\n`
}

/** @returns a JSON value as short text: a string unchanged, anything else as JSON */
export function brief(value: unknown): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value))
}

/** @returns a JSON object with one line per key, for metadata that people read */
export function objectLines(value: Record<string, unknown> | null): string {
  if (value === null) return ''
  return Object.entries(value)
    .map(([key, item]) => `${visible(key)}: ${scalars(item) ?? brief(item)}`)
    .join('\n')
}

function scalars(item: unknown): string | null {
  if (!Array.isArray(item)) return null
  const parts: unknown[] = item
  return parts.every((part) => typeof part === 'string') ? parts.map(brief).join(', ') : null
}
