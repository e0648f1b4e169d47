import { numberFormat } from './number-format.ts'

/** Numbers of things as people read them: the kernel's sentences, the command line and the screens use the same forms. */

const grouped = numberFormat()

/** `6,751`. Whole numbers need no formatter, which is slow to load (number-format.ts). */
export function thousands(value: number): string {
  return Number.isSafeInteger(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : grouped(value)
}

/** The form of a word, or of a whole phrase, that goes with the number: `plural(n, 'is', 'are')`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return value === 1 ? one : many
}

/** `1 task`, `0 tasks`, `6,751 tasks` */
export function count(value: number, one: string, many?: string): string {
  return `${thousands(value)} ${plural(value, one, many)}`
}
