import { thousands } from '../../../formats/count.ts'
import type { BoardExport } from '../../../contract/index.ts'
import { FIELD_LIMITS, IMPORT_LIMITS } from '../limits.ts'

/** How many warnings name their text; the others are only counted. */
const NAMED = 20

/**
 * Another program's texts may be longer than a board accepts. Their beginning is imported; the source file keeps the
 * rest.
 *
 * @returns a sentence for each text that was cut
 */
export function cutLongTexts(board: BoardExport): string[] {
  const warnings: string[] = []
  for (const kind of ['tasks', 'runs', 'comments', 'events'] as const) {
    for (const row of board[kind]) {
      for (const [key, value] of Object.entries(row)) {
        const limit = FIELD_LIMITS[kind]?.[key] ?? IMPORT_LIMITS.text
        const cut = cutValue(value, limit)
        if (cut === null) continue
        Object.assign(row, { [key]: cut.value })
        const what = `${kind.slice(0, -1)} ${row.id}`
        warnings.push(
          `The ${key} of ${what} has ${thousands(cut.length)} characters; only the first ${thousands(limit)} were imported.`,
        )
      }
    }
  }
  const left = warnings.length - NAMED
  return left > 0 ? [...warnings.slice(0, NAMED), `${left} more texts were cut.`] : warnings
}

function cutValue(value: unknown, limit: number): { value: unknown; length: number } | null {
  if (typeof value === 'string')
    return value.length > limit ? { value: start(value, limit), length: value.length } : null
  if (typeof value !== 'object' || value === null) return null
  const text = JSON.stringify(value)
  // As JSON inside JSON, a text can take twice its length.
  return text.length > limit ? { value: { text: start(text, limit / 2 - 100) }, length: text.length } : null
}

/** @returns the start of a text, not ending in half a character */
function start(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')
}
